import type { Refusal } from '../budget/place.ts';
import type { CostTotal } from '../cost/index.ts';
import { formatUsd } from '../cost/total/format-usd.ts';
import { usdFromAtto } from '../cost/total/money.ts';
import { BudgetExceededError } from '../failure/budget-exceeded-error.ts';
import type { Admission } from '../fallback/admission.ts';
import type { SkippedCandidate } from '../report/report.ts';
import type { Paid } from './money.ts';

type Refused = Exclude<Paid, { readonly type: 'held' }>;

type Stop = Extract<Admission, { readonly type: 'stop' }>;

/** The candidates that a call could not ask, and why: there was no money, or no room, for a request to them. */
export type LeftOut = {
  /** The end of the call, where a budget said so to a composite that is a candidate: it could only fail with it. */
  readonly final: Stop | undefined;
  readonly end: (refusal: Refusal) => void;
  readonly add: (refused: { readonly candidate: string; readonly paid: Refused }) => Admission;
  /** It could be asked after all. */
  readonly remove: (candidate: string) => void;
  readonly skipped: () => ReadonlyArray<SkippedCandidate>;
  /** Whether it was for money that this one was left out; undefined where it was not. */
  readonly isForMoney: (candidate: string) => boolean | undefined;
  /** The error for a call that no budget has let make a request; undefined where it was not for money. */
  readonly error: (call: {
    readonly callId: string;
    readonly task: string;
    readonly cost: CostTotal;
  }) => BudgetExceededError | undefined;
};

/** Makes an empty list. */
export function createLeftOut(): LeftOut {
  const refusals = new Map<string, Refused>();
  let final: Stop | undefined;
  const skipped = () =>
    [...refusals].map(([candidate, refused]): SkippedCandidate => ({ candidate, reason: reasonOf(refused) }));
  return {
    get final() {
      return final;
    },
    add: ({ candidate, paid }) => {
      refusals.set(candidate, paid);
      if (paid.type !== 'refused') return { type: 'left-out' };
      return paid.refusal.scope.budget.onExceed === 'stop' ? stopFor(paid.refusal) : { type: 'left-out' };
    },
    end: refusal => {
      final = stopFor(refusal);
    },
    remove: candidate => void refusals.delete(candidate),
    skipped,
    isForMoney: candidate => {
      const refused = refusals.get(candidate);
      return refused && refused.type === 'refused';
    },
    error: call => {
      const refusal = mostTelling([...refusals.values()]);
      return refusal && toError({ refusal, ...call, skipped: skipped() });
    },
  };
}

function stopFor({ scope: { budget } }: Refusal): Stop {
  return { type: 'stop', reason: `the budget "${budget.name}" leaves no room` };
}

/** The one that ended the call, else the one that asked for least: so much would have to be left. */
function mostTelling(refused: ReadonlyArray<Refused>): Refusal | undefined {
  let best: Refusal | undefined;
  for (const own of refused) {
    if (own.type !== 'refused') continue;
    const { refusal } = own;
    if (refusal.scope.budget.onExceed === 'stop') return refusal;
    if (best === undefined || isLess(refusal.needed, best.needed)) best = refusal;
  }
  return best;
}

function isLess(one: bigint | undefined, other: bigint | undefined): boolean {
  return one !== undefined && (other === undefined || one < other);
}

function reasonOf(refused: Refused): string {
  if (refused.type === 'told')
    return `rate-limit: its provider has said to wait for ${Math.ceil(refused.retryAfterMs / 1_000)} s`;
  if (refused.type === 'full')
    return `rate-limit: ${refused.claim.unit}PerMinute of ${refused.claim.limit} is used up`;
  const { why, scope, stand, needed } = refused.refusal;
  const { name, limit } = scope.budget;
  if (why === 'away') return `budget "${name}" cannot be asked: its state is away`;
  if (why === 'unpriced')
    return `budget "${name}" cannot count it: no price is known, and it has no unknownUsd`;
  const left = limit - (stand?.used ?? 0n);
  const takes = needed === undefined ? '' : `, it takes ${usd(needed)} at least`;
  return `budget "${name}" has ${usd(left < 0n ? 0n : left)} left of ${usd(limit)}${takes}`;
}

const problems: Readonly<Record<Refusal['why'], string>> = {
  exceeded: 'leaves no room for',
  unpriced: 'can count no candidate of',
  away: 'cannot be asked for',
};

function toError({
  refusal: { why, scope, stand, needed },
  callId,
  task,
  cost,
  skipped,
}: {
  readonly refusal: Refusal;
  readonly callId: string;
  readonly task: string;
  readonly cost: CostTotal;
  readonly skipped: ReadonlyArray<SkippedCandidate>;
}): BudgetExceededError {
  const { budget, key, resetsAtMs } = scope;
  const resets = resetsAtMs === undefined ? '' : ` It starts anew at ${new Date(resetsAtMs).toISOString()}.`;
  const own = key === '' ? '' : ` of ${key}`;
  return new BudgetExceededError({
    message: [
      `The budget "${budget.name}"${own} ${problems[why]} task "${task}".${resets}`,
      ...skipped.map(({ candidate, reason }) => `- ${candidate}: ${reason}`),
    ].join('\n'),
    callId,
    task,
    budget: budget.name,
    key: scope.purse === undefined ? key : callId,
    limit: usdFromAtto(budget.limit),
    spent: stand && usdFromAtto(stand.used - stand.held),
    held: stand && usdFromAtto(stand.held),
    needed: needed === undefined ? undefined : usdFromAtto(needed),
    resetsAtMs,
    reason: why,
    cost,
  });
}

function usd(atto: bigint): string {
  return formatUsd(usdFromAtto(atto));
}
