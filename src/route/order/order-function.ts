import { errorName, settleQuietly } from '../../boundary/callback.ts';
import type { Candidate } from '../../candidate/candidate.ts';
import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { CandidateCost } from './candidate-cost.ts';
import { asListed, noWarnings, type OrderFacts, type RankedCandidate, type Ranking } from './ranking.ts';

/** What a function orders by: the candidates that can serve the request, all where none can, as listed, and the call's options. */
export type OrderContext = {
  readonly candidates: ReadonlyArray<{
    readonly name: string;
    readonly provider: string;
    readonly modelId: string;
    readonly cost: CandidateCost;
    /** Observed average time to first output; absent while none was seen. */
    readonly firstChunkMs?: number;
  }>;
  readonly options: LanguageModelV4CallOptions;
  /** The candidate that served the conversation before; its prompt cache and signatures are there. */
  readonly servedBy?: string;
};

/** Names candidates in the order to ask them in; those it leaves out follow as listed. */
export type OrderFunction = (context: OrderContext) => ReadonlyArray<string>;

/** Orders as the user's function says; as listed, with a warning, where it says nothing usable. */
export function byFunction({
  order,
  candidates,
  routeNames,
  facts,
}: {
  readonly order: OrderFunction;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly routeNames: () => ReadonlyArray<string>;
  readonly facts: OrderFacts;
}): Ranking {
  let names: unknown;
  try {
    names = order({
      candidates: candidates.map(candidate => contextOf({ candidate, facts })),
      options: facts.options,
      ...(facts.served !== undefined && { servedBy: facts.served.candidate }),
    });
  } catch (error) {
    const warning = `The order function failed (${errorName(error)}); used the listed order.`;
    return asListed({ candidates, warnings: [warning] });
  }
  if (!Array.isArray(names)) {
    // Types forbid a promise; the rejection of one must not bring the process down.
    settleQuietly(names);
    const warning = 'The order function answered no list of candidate names; used the listed order.';
    return asListed({ candidates, warnings: [warning] });
  }
  const named = new Set<unknown>(names);
  const ranked: RankedCandidate[] = [];
  const unknown: string[] = [];
  for (const name of named) {
    const candidate = candidates.find(known => known.name === name);
    if (candidate !== undefined) ranked.push({ candidate, reason: 'function' });
    else if (!routeNames().some(known => known === name))
      unknown.push(typeof name === 'string' ? `"${name}"` : `a ${typeof name}`);
  }
  for (const candidate of candidates)
    if (!named.has(candidate.name)) ranked.push({ candidate, reason: 'listed' });
  const warnings =
    unknown.length === 0
      ? noWarnings
      : [`The order function named ${unknown.join(', ')}; candidates are ${routeNames().join(', ')}.`];
  return { ranked, warnings };
}

function contextOf({
  candidate,
  facts,
}: {
  readonly candidate: Candidate;
  readonly facts: OrderFacts;
}): OrderContext['candidates'][number] {
  const { firstChunkMs } = facts.latencyOf(candidate);
  return {
    name: candidate.name,
    provider: candidate.model.provider,
    modelId: candidate.model.modelId,
    cost: facts.costOf(candidate),
    ...(firstChunkMs !== undefined && { firstChunkMs }),
  };
}
