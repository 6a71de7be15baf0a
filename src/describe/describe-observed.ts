import { optionsFor } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { firstChunkLimit, thinksFirst } from '../fallback/limits/first-chunk-limit.ts';
import { isByScore } from '../route/order/order.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { Observed } from '../state/observed/observed.ts';
import type { Waits } from '../state/observed/waits.ts';

/** Prints a limit for people. */
export function limitCell(limitMs: number): string {
  return limitMs === Number.POSITIVE_INFINITY ? 'any time' : `${limitMs / 1_000} s`;
}

/** Prints how long a candidate may take to its first output: of a short request, and where that was learned, from how much. */
export function firstOutputCell({
  candidate,
  waits,
}: {
  readonly candidate: Candidate;
  readonly waits: Waits | undefined;
}): string {
  const options = optionsFor({ candidate, options: { prompt: [] } });
  const fixedMs = firstChunkLimit({ candidate, options });
  const { timeouts, identity, model } = candidate;
  if (timeouts.firstChunkMs.isAdaptive !== true || model.provider === 'composite') return limitCell(fixedMs);
  const isThinking = thinksFirst({ candidate, options });
  const { limitMs = fixedMs, observations = 0 } =
    waits?.firstOutput({ identity, type: 'stream', isThinking, isLong: false, fixedMs }) ?? {};
  return `${limitCell(limitMs)}, adaptive of ${observations}`;
}

/** Prints what the score of each candidate goes by, a line each. */
export function describeScores({
  routes,
  observed: { records },
}: {
  readonly routes: ReadonlyArray<ParsedRoute>;
  readonly observed: Observed;
}): ReadonlyArray<string> {
  return routes.flatMap(({ task, order, candidates }) => {
    if (!isByScore(order)) return [];
    return candidates.map(candidate => {
      const isThinking = thinksFirst({
        candidate,
        options: optionsFor({ candidate, options: { prompt: [] } }),
      });
      const { identity, name } = candidate;
      const { deadlineMs } = order;
      const merits = records.merits({ identity, task, deadlineMs, type: undefined, isThinking });
      const { attempts, failureShare, lateShare, feedbackScore, feedbacks, outputTokens } = merits;
      return [
        `score ${task}, ${name}: ${percent(failureShare)} failed and ${percent(lateShare)} late of ${attempts}`,
        `feedback ${round(feedbackScore)} of ${feedbacks}`,
        ...(outputTokens === undefined ? [] : [`${Math.round(outputTokens)} output tokens`]),
      ].join(', ');
    });
  });
}

function percent(share: number): string {
  return `${round(100 * share)} %`;
}

function round(number: number): number {
  return Math.round(10 * number) / 10;
}
