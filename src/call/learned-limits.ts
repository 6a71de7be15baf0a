import type { CallType } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { thinksFirst } from '../fallback/limits/first-chunk-limit.ts';
import type { LearnedLimits } from '../fallback/limits/learned-limits.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import type { LearnedLimit, LimitQuery } from '../state/observed/waits.ts';
import type { Composite } from './open-composite.ts';

/** From here on an input is long: some 32,000 characters at least. */
const longInputTokens = 96_000;

/** The limits of one call that are learned; undefined where the composite has none. */
export function learnedLimits({
  composite: { state, pricing },
  options,
}: {
  readonly composite: Composite;
  /** Those of the call. */
  readonly options: LanguageModelV4CallOptions;
}): LearnedLimits | undefined {
  const { observed } = state;
  if (observed?.settings.hasWaits !== true) return undefined;
  const waits = () => observed.now()?.waits;
  let isLong: boolean | undefined;
  const queryOf = (request: Limited & { readonly type: CallType }): LimitQuery => ({
    identity: request.candidate.identity,
    type: request.type,
    isThinking: isThinking(request),
    isLong: measure(),
    fixedMs: fixedLimit(request),
  });
  const measure = () => {
    isLong ??= !pricing.measureInput(options).isBelow(longInputTokens);
    return isLong;
  };
  return {
    firstChunk: request => {
      const { model, timeouts } = request.candidate;
      // It needs the time for a fallback of its own, which it may not have needed so far.
      if (timeouts.firstChunkMs.isAdaptive !== true || model.provider === 'composite') return undefined;
      const query = queryOf({ ...request, type: 'stream' });
      return waits()?.firstOutput(query) ?? unlearned(query);
    },
    hedge: request => {
      const query = queryOf(request);
      return waits()?.hedge(query) ?? unlearned(query);
    },
    isLong: measure,
  };
}

type Limited = Parameters<LearnedLimits['firstChunk']>[0];

/** The limit that holds in any case. */
export function fixedLimit({
  candidate,
  type,
  ...request
}: Limited & { readonly candidate: Candidate; readonly type: CallType }): number {
  const { attemptMs, firstChunkMs } = candidate.timeouts;
  if (type === 'generate') return attemptMs;
  return isThinking({ ...request, candidate }) ? firstChunkMs.thinkingMs : firstChunkMs.usualMs;
}

function isThinking({ hasThought = false, ...request }: Limited): boolean {
  return hasThought || thinksFirst(request);
}

function unlearned({ fixedMs }: LimitQuery): LearnedLimit {
  return { limitMs: fixedMs, source: 'fixed', observations: 0 };
}
