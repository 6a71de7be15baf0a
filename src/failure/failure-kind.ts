/** Every kind of failure, in the order in which the most telling one is chosen when several candidates failed. */
export const failureKinds = [
  'rate-limit',
  'overloaded',
  'server',
  'timeout',
  'network',
  'quota',
  'auth',
  'not-found',
  'malformed-response',
  'empty',
  'unknown',
  'content-filter',
  'context-length',
  'unsupported',
  'invalid-request',
] as const;

/** Why an attempt failed, in one closed list of words. The README's table says where each comes from and what follows. */
export type FailureKind = (typeof failureKinds)[number];
