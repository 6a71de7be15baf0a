import type { Merits } from '../../state/observed/merits.ts';
import type { CandidateCost } from './candidate-cost.ts';

/** What the score of a candidate is worked out by. */
export type ScoreOrder = {
  /** So long the first output may take, in milliseconds; of a generated answer, the whole of it. `Infinity` is no deadline. */
  readonly deadlineMs: number;
  /** What a bad answer costs whoever asked, in USD: one that failed, came too late, or was no good. */
  readonly badAnswerUsd: number;
};

/**
 * What a score is made of, in USD, and what that was worked out from. The score is `costUsd + failureUsd + lateUsd + feedbackUsd`,
 * and the lowest goes first.
 */
export type ScoreTerms = {
  /** What the request is expected to cost: its input, with an answer of `outputTokens`. Left out where no price is known. */
  readonly costUsd?: number;
  /** `failureShare × (fallbackUsd + badAnswerUsd)`. */
  readonly failureUsd: number;
  /** `lateShare × badAnswerUsd`. */
  readonly lateUsd: number;
  /** `(1 − feedbackScore) × badAnswerUsd`. */
  readonly feedbackUsd: number;
  /** The average length of its answers; while it has given none, of those of the others, else the longest there may be. */
  readonly outputTokens?: number;
  /** What the cheapest of the others is expected to cost. Left out where no price is known. */
  readonly fallbackUsd?: number;
  /** The share of its attempts that failed, from 0 to 1; before the first it is 0.05. */
  readonly failureShare: number;
  /** The share of its first outputs that came after `deadlineMs`, of requests of this kind; before the first it is 0.16; 0 where there is no deadline. */
  readonly lateShare: number;
  /** The average of `ai.feedback` on its answers to this task, from 0 to 1; before the first it is 1. */
  readonly feedbackScore: number;
  /** How many attempts and words of feedback that rests on. */
  readonly attempts: number;
  readonly feedbacks: number;
};

/** What is known of a candidate. */
export type Scored = { readonly cost: CandidateCost; readonly merits: Merits };

/** Works out the terms of every candidate, in their order. */
export function scoreTerms({
  order: { deadlineMs, badAnswerUsd },
  all,
}: {
  readonly order: ScoreOrder;
  readonly all: ReadonlyArray<Scored>;
}): ReadonlyArray<ScoreTerms> {
  const usual = averageLength(all);
  const expected = all.map(({ cost, merits }) =>
    expectedCost({ cost, outputTokens: merits.outputTokens ?? usual }),
  );
  return all.map(({ merits }, index) => {
    const { failureShare, feedbackScore, attempts, feedbacks } = merits;
    const lateShare = deadlineMs === Number.POSITIVE_INFINITY ? 0 : merits.lateShare;
    const others = expected.flatMap(({ costUsd }, other) =>
      other === index || costUsd === undefined ? [] : [costUsd],
    );
    const fallbackUsd = others.length === 0 ? undefined : Math.min(...others);
    return {
      ...expected[index],
      failureUsd: failureShare * ((fallbackUsd ?? 0) + badAnswerUsd),
      lateUsd: lateShare * badAnswerUsd,
      feedbackUsd: (1 - feedbackScore) * badAnswerUsd,
      ...(fallbackUsd !== undefined && { fallbackUsd }),
      failureShare,
      lateShare,
      feedbackScore,
      attempts,
      feedbacks,
    };
  });
}

/** The sum of the terms; where no price is known, of the others. */
export function scoreOf({ costUsd = 0, failureUsd, lateUsd, feedbackUsd }: ScoreTerms): number {
  return costUsd + failureUsd + lateUsd + feedbackUsd;
}

/** How long the answers of those are that have given any. */
function averageLength(all: ReadonlyArray<Scored>): number | undefined {
  const known = all.flatMap(({ merits: { outputTokens } }) => outputTokens ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, own) => sum + own, 0) / known.length;
}

function expectedCost({
  cost: { minUsd, maxUsd, maxOutputTokens },
  outputTokens,
}: {
  readonly cost: CandidateCost;
  readonly outputTokens: number | undefined;
}): Pick<ScoreTerms, 'costUsd' | 'outputTokens'> {
  if (maxUsd === undefined) return {};
  if (minUsd === undefined || maxOutputTokens === undefined) return { costUsd: maxUsd };
  const length = Math.min(outputTokens ?? maxOutputTokens, maxOutputTokens);
  const share = maxOutputTokens === 0 ? 0 : length / maxOutputTokens;
  return { costUsd: minUsd + share * (maxUsd - minUsd), outputTokens: length };
}
