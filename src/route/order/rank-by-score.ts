import type { Candidate } from '../../candidate/candidate.ts';
import type { OrderFacts, RankedCandidate } from './ranking.ts';
import { type ScoreOrder, type ScoreTerms, scoreOf, scoreTerms } from './score.ts';

/** So many attempts have to be counted before a candidate's score moves it. */
const enoughAttempts = 5;
/** How often somebody else is asked first: who has got better has to be seen again. */
const explorationShare = 0.02;

type Own = {
  readonly candidate: Candidate;
  readonly terms: ScoreTerms;
  readonly score: number;
  readonly askedAtMs: number | undefined;
};

/**
 * Orders by score, the lowest first. Who is not known well enough keeps its listed place; those who are share the others by
 * their scores, so that nobody is moved up before enough was seen of it. Without a price a candidate goes behind those
 * that have one, as with `'cheapest'`. In one call of fifty the one that was not asked for longest goes first, if it could have
 * the lowest score at all.
 */
export function rankByScore({
  order,
  candidates,
  facts,
}: {
  readonly order: ScoreOrder;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly facts: OrderFacts;
}): ReadonlyArray<RankedCandidate> {
  const scored = candidates.map(candidate => ({
    cost: facts.costOf(candidate),
    merits: facts.meritsOf(candidate),
  }));
  const terms = scoreTerms({ order, all: scored });
  const all = candidates.flatMap((candidate, index): ReadonlyArray<Own> => {
    const own = terms[index];
    if (own === undefined) return [];
    return [{ candidate, terms: own, score: scoreOf(own), askedAtMs: scored[index]?.merits.askedAtMs }];
  });
  const priced = inPlaces(all.filter(({ terms: { costUsd } }) => costUsd !== undefined));
  const unpriced = inPlaces(all.filter(({ terms: { costUsd } }) => costUsd === undefined));
  const ordered = [...priced, ...unpriced];
  const explored = explore({ ordered, random: facts.random });
  if (explored === undefined) return ordered.map(toRanked);
  const others = ordered.filter(other => other !== explored);
  return [{ ...toRanked(explored), reason: 'exploration' }, ...others.map(toRanked)];
}

/** Those who are known share the places they have by their scores; ties keep the listed order. */
function inPlaces(listed: ReadonlyArray<Own>): ReadonlyArray<Own> {
  const known = listed.filter(isKnown).sort((one, other) => one.score - other.score);
  return listed.map(own => (isKnown(own) ? (known.shift() ?? own) : own));
}

/** Nobody, but now and then whom nobody asked for longest, of those whom their price alone does not keep from going first. */
function explore({
  ordered: [first, ...others],
  random,
}: {
  readonly ordered: ReadonlyArray<Own>;
  readonly random: () => number;
}): Own | undefined {
  // Where the first one is not known yet, the order is the listed one, and it is learned from that.
  if (first === undefined || !isKnown(first) || others.length === 0) return undefined;
  if (random() >= explorationShare) return undefined;
  return others
    .filter(({ terms: { costUsd } }) => costUsd !== undefined && costUsd < first.score)
    .sort((one, other) => (one.askedAtMs ?? -Infinity) - (other.askedAtMs ?? -Infinity))[0];
}

function isKnown({ terms: { attempts } }: Own): boolean {
  return attempts >= enoughAttempts;
}

function toRanked({ candidate, terms, score }: Own): RankedCandidate {
  if (terms.costUsd === undefined) return { candidate, reason: 'price-unknown', terms };
  return { candidate, reason: terms.attempts >= enoughAttempts ? 'score' : 'listed', score, terms };
}
