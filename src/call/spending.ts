import { type Budgets, createBudgets } from '../budget/budgets.ts';
import type { Purse } from '../budget/purse.ts';
import { whenThere } from '../budget/when-there.ts';
import { attoFromUsd } from '../cost/total/money.ts';
import { addCosts } from '../cost/total/total.ts';
import type { Admit } from '../fallback/admission.ts';
import type { BudgetStanding } from '../report/events.ts';
import { isTold, tellAll } from '../report/observe.ts';
import type { AdmitClassifier } from '../route/classify/classify-request.ts';
import type { Answer } from '../state/store.ts';
import { createAdmit, ticketOf } from './admission.ts';
import { demandOfCall } from './demand.ts';
import { createLeftOut, type LeftOut } from './left-out.ts';
import { type Pay, payBoth, payFrom } from './money.ts';
import type { Composite } from './open-composite.ts';
import { lentBy } from './outer-budgets.ts';
import { ratesOf } from './rates.ts';
import type { CompositeRequest } from './request.ts';
import { toStanding } from './standing.ts';

type Spender = {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  /** Undefined while it is being found. */
  readonly task: string | undefined;
};

/** Opens what sees to it that the requests of a call are paid for. */
export function openSpending({
  warn,
  ...spender
}: Spender & {
  readonly warn: (message: string) => void;
}): { readonly admit: Admit; readonly leftOut: LeftOut } {
  const leftOut = createLeftOut();
  const { composite, request } = spender;
  const pay = payOf({ ...spender, isKept: true });
  const needsPrices = (composite.spending?.settings.length ?? 0) > 0 || request.outerBudgets !== undefined;
  const rates = composite.spending && ratesOf({ composite, told: budgetsOf(composite).told });
  return { leftOut, admit: createAdmit({ composite, pay, needsPrices, rates, leftOut, warn }) };
}

/** Asks whether a model may be asked for the task; throws where a budget has no room for it. */
export function admitClassifier(spender: Omit<Spender, 'task'>): AdmitClassifier {
  const { pricing } = spender.composite;
  // Nobody may come to settle it, after an abort: then its lease ends, and it counts as spent.
  const pay = payOf({ ...spender, task: undefined, isKept: false });
  return async call => {
    const demand = await demandOfCall({ call, pricing });
    const paid = await pay({ demand, rates: [] });
    if (paid.type === 'held')
      return {
        ticket: ticketOf({ pass: paid.pass, rate: undefined }),
        maxOutputTokens: paid.clamp?.outputTokens,
      };
    const leftOut = createLeftOut();
    leftOut.add({ candidate: `${call.provider}/${call.modelId}`, paid });
    throw leftOut.error({ callId: '', task: 'classify', cost: addCosts([]) }) ?? new Error('No room.');
  };
}

/** Books what a request cost that nobody asked a budget for: a classifier of the user's own may make one. */
export function book({ usdExact, ...spender }: Spender & { readonly usdExact: string }): void {
  const { composite, request, task } = spender;
  if (composite.spending === undefined) return;
  budgetsOf(composite).book({
    owners: ownersFor({ composite, request, task }),
    spent: attoFromUsd(usdExact),
  });
}

/** Where the budgets of a composite stand. */
export function standings(composite: Composite): Answer<ReadonlyArray<BudgetStanding>> {
  if (composite.spending === undefined) return [];
  return whenThere({ answer: budgetsOf(composite).standings(), next: all => all.map(toStanding) });
}

/** Where the budgets stand that a call counts for. */
export function standingsFor(spender: Spender): Answer<ReadonlyArray<BudgetStanding>> {
  return whenThere({
    answer: budgetsOf(spender.composite).standings(ownersFor(spender)),
    next: all => all.map(toStanding),
  });
}

/** Pays out of the composite's own budgets, and out of those that were lent to it. */
function payOf({ composite, request, task, isKept }: Spender & { readonly isKept: boolean }): Pay {
  const outer = lentBy(request.outerBudgets);
  const own =
    composite.spending &&
    payFrom({
      budgets: budgetsOf(composite),
      owners: () => ownersFor({ composite, request, task }),
      isKept,
    });
  if (own === undefined) return outer ?? (() => ({ type: 'held', clamp: undefined, pass: noPass }));
  return outer === undefined ? own : payBoth({ own, outer });
}

const noPass = { settle: () => {}, release: () => {} };

/** What calls have spent for themselves: classifying and answering are of one call. */
const purses = new WeakMap<CompositeRequest, Map<string, Purse>>();

function ownersFor({ composite, request, task }: Spender): ReturnType<Budgets['ownersOf']> {
  const own = purses.get(request) ?? new Map<string, Purse>();
  purses.set(request, own);
  const { tags, sessionId, options } = request;
  return budgetsOf(composite).ownersOf({ request: { task, tags, sessionId, options }, purses: own });
}

/** The budgets of a composite, made when they are first needed. */
function budgetsOf({ spending, state, clock, observers }: Composite): Budgets {
  if (spending === undefined) throw new Error('ai-composite: nothing bounds this composite');
  const holds = state.shared.now()?.holds;
  if (holds === undefined) throw new Error('ai-composite: the state is not loaded');
  spending.budgets ??= createBudgets({
    budgets: spending.settings,
    state: holds,
    clock,
    whenAway: spending.whenAway,
    onWarning: isTold({ observers, name: 'onBudgetWarning' })
      ? standing => {
          const event = toStanding(standing);
          tellAll({ observers, tell: own => own.onBudgetWarning?.(event) });
        }
      : undefined,
  });
  return spending.budgets;
}
