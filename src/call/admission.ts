import { type Demand, usualLongest } from '../budget/demand.ts';
import { whenThere } from '../budget/when-there.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { Ticket } from '../candidate/ticket.ts';
import type { MeasuredInput } from '../cost/index.ts';
import { attoFromUsd } from '../cost/total/money.ts';
import type { Admission, Admit } from '../fallback/admission.ts';
import { notMade } from '../provider/lazy-model.ts';
import type { LanguageModelV4CallOptions, LanguageModelV4Usage } from '../provider/sdk-types.ts';
import type { Answer } from '../state/store.ts';
import { type AnswerLength, answerLength, demandOf, withLength } from './demand.ts';
import type { LeftOut } from './left-out.ts';
import type { Paid, Pass, Pay } from './money.ts';
import type { Composite } from './open-composite.ts';
import { lend } from './outer-budgets.ts';
import type { CallRates, CandidateRate } from './rates.ts';

/** What a call knows of itself when its requests want to be made. */
export type Admitting = {
  readonly composite: Composite;
  readonly pay: Pay;
  /** Some budget counts the call, so that its requests must have a price. */
  readonly needsPrices: boolean;
  /** Undefined where no candidate has a rate limit. */
  readonly rates: CallRates | undefined;
  readonly leftOut: LeftOut;
  readonly warn: (message: string) => void;
};

/** Admits the requests of a call to whom there is money and room for; a shorter answer may be all that there is for. */
export function createAdmit(admitting: Admitting): Admit {
  const { composite, pay, rates, leftOut } = admitting;
  const { pricing } = composite;
  const measure = createMeasures(composite);

  return ({ candidate, options, isLast, waitedMs }) => {
    const { final } = leftOut;
    // What a budget ended, no other candidate goes on with.
    if (final !== undefined) return final;
    candidate.prepare?.();
    const { provider } = candidate.model;
    // Nobody is asked: making it throws.
    if (provider === notMade) return { type: 'admitted', candidate, ticket: undefined };
    if (provider === 'composite') return lendTo({ candidate, pay: endingWith({ pay, leftOut }) });
    const input = measure(options);
    const length = answerLength({ candidate, options, pricing, input });
    const rate = rates?.of({ candidate, length });
    const decide = (demand: Demand | undefined): Answer<Admission> =>
      whenThere({
        answer: rate?.toldWait() ?? pay({ demand, rates: rate?.claims ?? [] }),
        next: paid => toAdmission({ admitting, paid, candidate, length, rate, isLast, waitedMs }),
      });
    // Where no budget counts it, nobody has to know what it costs.
    if (!admitting.needsPrices) return decide(undefined);
    return whenThere({ answer: demandOf({ candidate, options, pricing, input }), next: decide });
  };
}

/** The input of the call's requests, which is nearly always the same. */
function createMeasures({ pricing }: Composite): (options: LanguageModelV4CallOptions) => MeasuredInput {
  let known: { readonly options: LanguageModelV4CallOptions; readonly input: MeasuredInput } | undefined;
  return options => {
    if (known?.options !== options) known = { options, input: pricing.measureInput(options) };
    return known.input;
  };
}

/** Pays, and ends the call where a budget wants that: the composite that pays like this could only fail. */
function endingWith({ pay, leftOut }: Pick<Admitting, 'pay' | 'leftOut'>): Pay {
  return request =>
    whenThere({
      answer: pay(request),
      next: (paid): Paid => {
        if (paid.type === 'refused' && paid.refusal.scope.budget.onExceed === 'stop')
          leftOut.end(paid.refusal);
        return paid;
      },
    });
}

/** A composite makes its own requests: each of them is held for, out of the budgets of this call too. */
function lendTo({ candidate, pay }: { readonly candidate: Candidate; readonly pay: Pay }): Admission {
  const { token, takeBack } = lend(pay);
  const { providerOptions } = candidate;
  return {
    type: 'admitted',
    candidate: {
      ...candidate,
      providerOptions: {
        ...providerOptions,
        composite: { ...providerOptions?.composite, lentBudgets: token },
      },
    },
    ticket: { settle: takeBack, release: takeBack },
  };
}

/** Who was given the usual length, which is worth a word once: most answers are shorter. */
const toldOfLength = new WeakSet<object>();

function toAdmission({
  admitting: { composite, leftOut, warn },
  paid,
  candidate,
  length,
  rate,
  isLast,
  waitedMs,
}: {
  readonly admitting: Admitting;
  readonly paid: Paid;
  readonly candidate: Candidate;
  readonly length: AnswerLength;
  readonly rate: CandidateRate | undefined;
  readonly isLast: boolean;
  readonly waitedMs: number;
}): Admission {
  if (paid.type === 'full' || paid.type === 'told') {
    const { retryAfterMs = Number.POSITIVE_INFINITY } = paid;
    const delayMs = Math.max(1, Math.ceil(retryAfterMs));
    if (isLast && waitedMs + delayMs <= composite.backoff.maxRetryAfterMs) return { type: 'wait', delayMs };
  }
  if (paid.type !== 'held') return leftOut.add({ candidate: candidate.name, paid });
  leftOut.remove(candidate.name);
  const ticket = ticketOf({ pass: paid.pass, rate });
  if (paid.clamp === undefined) return { type: 'admitted', candidate, ticket };
  const { outputTokens, scope } = paid.clamp;
  const { beside, longest, isChosen } = length;
  const isUsual = !isChosen && outputTokens === usualLongest;
  if (!isUsual || !toldOfLength.has(candidate.identity))
    warn(
      `The budget "${scope.budget.name}" leaves room for ${outputTokens} of ${longest} output tokens of ${candidate.name}; a longer answer ends there, with the finish reason "length".${isUsual ? ' Set maxOutputTokens to say how long an answer may be.' : ''}`,
    );
  if (isUsual) toldOfLength.add(candidate.identity);
  return { type: 'admitted', candidate: withLength({ candidate, outputTokens, beside }), ticket };
}

/** A pass as those know it who do not reckon in atto-USD. */
export function ticketOf({
  pass,
  rate,
}: {
  readonly pass: Pass;
  readonly rate: CandidateRate | undefined;
}): Ticket {
  rate?.use();
  let isHeard = false;
  return {
    settle: ({ usdExact, usage, headers, retryAfterMs }) => {
      pass.settle({
        spent: usdExact === undefined ? undefined : attoFromUsd(usdExact),
        tokens: tokensOf(usage),
      });
      // Those of a stream are old by now.
      rate?.learn({ headers: isHeard ? undefined : headers, retryAfterMs });
    },
    release: pass.release,
    hear:
      rate &&
      (headers => {
        isHeard = true;
        rate.learn({ headers, retryAfterMs: undefined });
      }),
  };
}

/** Input and output together, as rate limits count them; undefined where the provider did not count. */
function tokensOf(usage: LanguageModelV4Usage | undefined): number | undefined {
  const input = usage?.inputTokens.total;
  const output = usage?.outputTokens.total;
  if (input === undefined && output === undefined) return undefined;
  const tokens = Math.round((input ?? 0) + (output ?? 0));
  return Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined;
}
