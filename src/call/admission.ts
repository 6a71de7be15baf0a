import { usualLongest } from '../budget/demand.ts';
import { whenThere } from '../budget/when-there.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { Ticket } from '../candidate/ticket.ts';
import { attoFromUsd } from '../cost/total/money.ts';
import type { Admission, Admit } from '../fallback/admission.ts';
import { notMade } from '../provider/lazy-model.ts';
import type { LanguageModelV4CallOptions, LanguageModelV4Usage } from '../provider/sdk-types.ts';
import type { Composite } from '../settings/settings.ts';
import type { Answer } from '../state/store.ts';
import { type AnswerLength, demandOf, withLength } from './demand.ts';
import type { LeftOut } from './left-out.ts';
import type { Paid, Pass, Pay } from './money.ts';
import { lend } from './outer-budgets.ts';

/** What a call knows of itself when its requests want to be made. */
export type Admitting = {
  readonly composite: Composite;
  readonly options: LanguageModelV4CallOptions;
  readonly pay: Pay;
  readonly leftOut: LeftOut;
  readonly warn: (message: string) => void;
};

/** Admits the requests of a call to whom there is money and room for; a shorter answer may be all that there is for. */
export function createAdmit({ composite, options, pay, leftOut, warn }: Admitting): Admit {
  const { pricing } = composite;
  const input = pricing.measureInput(options);

  const payInside: Pay = request =>
    whenThere({
      answer: pay(request),
      next: (paid): Paid => {
        if (paid.type === 'refused' && paid.refusal.scope.budget.onExceed === 'stop')
          leftOut.end(paid.refusal);
        return paid;
      },
    });

  return ({ candidate }) => {
    const { final } = leftOut;
    // What a budget ended, no other candidate goes on with.
    if (final !== undefined) return final;
    candidate.prepare?.();
    const { provider } = candidate.model;
    // Nobody is asked: making it throws.
    if (provider === notMade) return { type: 'admitted', candidate, ticket: undefined };
    if (provider === 'composite') return lendTo({ candidate, pay: payInside });
    const decide = (demand: Awaited<ReturnType<typeof demandOf>>): Answer<Admission> =>
      whenThere({
        answer: pay({ demand, rates: [] }),
        next: paid => toAdmission({ paid, candidate, length: demand, leftOut, warn }),
      });
    return whenThere({ answer: demandOf({ candidate, options, pricing, input }), next: decide });
  };
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
  paid,
  candidate,
  length,
  leftOut,
  warn,
}: {
  readonly paid: Paid;
  readonly candidate: Candidate;
  readonly length: AnswerLength | undefined;
} & Pick<Admitting, 'leftOut' | 'warn'>): Admission {
  if (paid.type !== 'held') return leftOut.add({ candidate: candidate.name, paid });
  leftOut.remove(candidate.name);
  const ticket = ticketOf(paid.pass);
  if (paid.clamp === undefined || length === undefined) return { type: 'admitted', candidate, ticket };
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
export function ticketOf(pass: Pass): Ticket {
  return {
    settle: ({ usdExact, usage }) =>
      pass.settle({
        spent: usdExact === undefined ? undefined : attoFromUsd(usdExact),
        tokens: tokensOf(usage),
      }),
    release: pass.release,
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
