import type { Demand } from '../budget/demand.ts';
import { type Candidate, pricedCall } from '../candidate/candidate.ts';
import type { MeasuredInput, PricedCall, Pricing, WorstCase } from '../cost/index.ts';
import { asksToThink, outputLimitOf, thinkingBeside } from '../provider/output-limit.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import type { Answer } from '../state/store.ts';

/** An answer of fewer tokens is of no use; where the model thinks first, it needs more. */
const leastTokens = { usual: 256, thinking: 1_024 };

/** How long the answer to a request may be, in tokens. */
export type AnswerLength = Pick<Demand, 'longest' | 'least' | 'isChosen'> & {
  /** For thinking, which the provider package adds to `maxOutputTokens`. */
  readonly beside: number;
  readonly inputTokens: number;
};

/** How long the answer to a request may be. */
export function answerLength({ candidate, options, pricing, input }: Planned): AnswerLength {
  const call = pricedCall({ candidate, options });
  return lengthOf({ call, capabilities: candidate.capabilities, pricing, inputTokens: input.tokens(call) });
}

type Planned = {
  readonly candidate: Candidate;
  readonly options: LanguageModelV4CallOptions;
  readonly pricing: Pricing;
  readonly input: MeasuredInput;
};

/** What a request may cost at most; undefined where no price is known. */
export function demandOf({
  candidate,
  options,
  pricing,
  input,
}: Planned): Answer<(Demand & AnswerLength) | undefined> {
  const { capabilities } = candidate;
  return demandOfCall({ call: pricedCall({ candidate, options }), capabilities, pricing, input });
}

/** The same of a request to any model. */
export function demandOfCall({
  call,
  capabilities,
  pricing,
  input = pricing.measureInput(call.callOptions),
}: {
  readonly call: PricedCall;
  readonly capabilities?: Candidate['capabilities'];
  readonly pricing: Pricing;
  readonly input?: MeasuredInput;
}): Answer<(Demand & AnswerLength) | undefined> {
  const length = lengthOf({ call, capabilities, pricing, inputTokens: input.tokens(call) });
  const toDemand = (worst: WorstCase | undefined) => worst && { ...worst, ...length };
  const worst = pricing.worstCase({ call, input });
  return worst instanceof Promise ? worst.then(toDemand) : toDemand(worst);
}

/**
 * Finds how long an answer may be: as the call says, else as the candidate is declared, else as its model is known to answer,
 * and never longer than its context has room for.
 */
function lengthOf({
  call: { provider, modelId, callOptions },
  capabilities,
  pricing,
  inputTokens = 0,
}: {
  readonly call: PricedCall;
  readonly capabilities: Candidate['capabilities'];
  readonly pricing: Pick<Pricing, 'contextWindow'>;
  readonly inputTokens: number | undefined;
}): AnswerLength {
  const { maxOutputTokens, reasoning } = callOptions;
  const beside = thinkingBeside({ model: { provider, modelId }, options: callOptions });
  const isChosen = typeof maxOutputTokens === 'number' && maxOutputTokens > 0;
  const limit = capabilities?.maxOutputTokens ?? outputLimitOf({ modelId });
  const window = capabilities?.contextWindow ?? pricing.contextWindow({ provider, modelId });
  const room = window === undefined ? limit : Math.max(window - inputTokens, leastTokens.usual);
  const longest = Math.ceil(isChosen ? maxOutputTokens + beside : Math.min(limit, room));
  const thinks = beside > 0 || asksToThink(reasoning);
  const least = thinks ? Math.max(leastTokens.thinking, leastTokens.usual + beside) : leastTokens.usual;
  return { longest, least: Math.min(longest, least), isChosen, beside, inputTokens };
}

/** A candidate whose answer may have so many tokens, thoughts included. */
export function withLength({
  candidate,
  outputTokens,
  beside,
}: {
  readonly candidate: Candidate;
  readonly outputTokens: number;
  readonly beside: number;
}): Candidate {
  const maxOutputTokens = Math.max(1, outputTokens - beside);
  return { ...candidate, settings: { ...candidate.settings, maxOutputTokens } };
}
