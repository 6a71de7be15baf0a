import { gaveUpWaiting, gaveUpWaitingCodes } from '../../provider/gave-up-waiting.ts';
import { lacksCredentials } from '../../provider/missing-credentials.ts';
import { catalogProviderOf } from '../price/provider-id.ts';
import { countOf, fieldOf } from '../usage/token-count.ts';

/** Causes that tell a request never reached the provider. */
const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** Errors a provider package throws before it sends anything. */
const beforeSending: ReadonlySet<string> = new Set([
  'AI_InvalidArgumentError',
  'AI_InvalidPromptError',
  'AI_NoSuchModelError',
  'AI_UnsupportedFunctionalityError',
]);

/**
 * Tells whether a failed attempt that produced no output certainly cost nothing: the provider refused it with an HTTP
 * error, or the request never reached it.
 *
 * OpenAI, Anthropic and Google bill tokens that were processed, not refused requests ("If your request fails with a
 * 400 or 500 error, you won't be charged", ai.google.dev/gemini-api/docs/billing, 2026-11). A reset connection, a
 * timeout or a gateway that gave up waiting prove nothing: the provider may have billed.
 */
export function isNotBilled(error: unknown): boolean {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const status: unknown = Reflect.get(current, 'statusCode');
    if (typeof status === 'number' && status >= 400)
      return !gaveUpWaiting.has(status) && !saysGaveUp(current);
    const code: unknown = Reflect.get(current, 'code');
    if (typeof code === 'string' && neverSent.has(code)) return true;
    const name: unknown = Reflect.get(current, 'name');
    if (typeof name === 'string' && beforeSending.has(name)) return true;
    current = Reflect.get(current, 'cause');
  }
  return lacksCredentials(error);
}

/** Whether the provider's body names a time that ran out, under a status that says something else. */
function saysGaveUp(error: object): boolean {
  const body: unknown = Reflect.get(error, 'data');
  return [fieldOf(body, 'error'), body]
    .flatMap(from => [fieldOf(from, 'code'), fieldOf(from, 'type'), fieldOf(from, 'status')])
    .some(code => typeof code === 'string' && gaveUpWaitingCodes.includes(code.toLowerCase()));
}

/**
 * Tells whether Claude refused before it said anything, which is not billed though the usage names tokens: "when a
 * refusal arrives before Claude generates any output, you are not billed for the request"
 * (platform.claude.com, handling stop reasons, 2026-06).
 *
 * A refusal in the middle of an answer is billed. An output of one token is the opening of an empty message
 * (docs.aws.amazon.com/bedrock, fallback credit, 2026-06).
 */
export function isFreeRefusal({
  provider,
  stopReason,
  hasOutput,
  raw,
}: {
  readonly provider: string;
  /** The provider's own word for why the answer ended. */
  readonly stopReason: unknown;
  readonly hasOutput: boolean;
  /** The provider's own usage. */
  readonly raw: unknown;
}): boolean {
  return (
    stopReason === 'refusal' &&
    !hasOutput &&
    (countOf(raw, 'output_tokens') ?? 0) <= 1 &&
    catalogProviderOf(provider) === 'anthropic'
  );
}
