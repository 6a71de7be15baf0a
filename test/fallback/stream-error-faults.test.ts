import { fault, type ProviderErrorKind, respond } from '../../src/testing/index.ts';
import { describeWireFaults, primaryText, type Verdict, type WireCase } from './wire-case.ts';

/** What the same error means before the first output. */
const kinds: ReadonlyArray<readonly [ProviderErrorKind, Verdict & { readonly type: 'fallback' | 'stop' }]> = [
  ['rate-limit', { type: 'fallback', kind: 'rate-limit' }],
  ['overloaded', { type: 'fallback', kind: 'overloaded', attempts: 2 }],
  ['server', { type: 'fallback', kind: 'server', attempts: 2 }],
  ['timeout', { type: 'fallback', kind: ['timeout', 'server'] }],
  ['auth', { type: 'fallback', kind: 'auth' }],
  ['permission', { type: 'fallback', kind: 'auth' }],
  ['quota', { type: 'fallback', kind: 'quota' }],
  ['not-found', { type: 'fallback', kind: 'not-found' }],
  ['context-length', { type: 'fallback', kind: 'context-length' }],
  ['content-filter', { type: 'stop', kind: 'content-filter' }],
  ['invalid-request', { type: 'fallback', kind: 'invalid-request' }],
];

/** What OpenAI's own codes make of it: a time limit is a server error there, and the invalid request names its cause. */
const ofOpenAI: Partial<Record<ProviderErrorKind, Verdict & { readonly type: 'fallback' }>> = {
  timeout: { type: 'fallback', kind: 'server', attempts: 2 },
  'invalid-request': { type: 'fallback', kind: 'unsupported' },
};

const places = [
  ['as the first event', 'head'],
  ['behind the preamble', 'preamble'],
  ['right before the first output', 0],
] as const;

const before = kinds.flatMap(([kind, verdict]) =>
  places.map(
    ([where, after]): WireCase => ({
      name: `${kind} ${where}`,
      modes: ['streamText'],
      replies: () => [respond.answer({ text: primaryText, faults: [fault.error({ after, kind })] })],
      verdict: ({ client }) => (client.protocol.startsWith('openai') ? (ofOpenAI[kind] ?? verdict) : verdict),
    }),
  ),
);

const behind = kinds.map(
  ([kind, verdict]): WireCase => ({
    name: `${kind} behind two deltas is a visible error`,
    modes: ['streamText'],
    replies: () => [respond.answer({ text: primaryText, faults: [fault.error({ after: 2, kind })] })],
    verdict: ({ client }) => ({
      type: 'break',
      text: 'AB',
      kind: (client.protocol.startsWith('openai') ? (ofOpenAI[kind] ?? verdict) : verdict).kind,
    }),
  }),
);

describeWireFaults([
  ...before,
  ...behind,
  {
    name: 'response.failed alone before output',
    modes: ['streamText'],
    only: ({ protocol }) => protocol === 'openai-responses',
    replies: () => [
      respond.answer({
        text: primaryText,
        faults: [fault.error({ after: 0, kind: 'overloaded' }), fault.omit({ roles: ['error'] })],
      }),
    ],
    verdict: () => ({ type: 'fallback', kind: ['overloaded', 'server'], attempts: 2 }),
  },
]);
