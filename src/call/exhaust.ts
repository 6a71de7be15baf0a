import { BudgetExceededError } from '../failure/budget-exceeded-error.ts';
import { RouteExhaustedError } from '../failure/errors.ts';
import type { Call } from '../fallback/attempt.ts';
import { keepErrorReport } from '../report/report.ts';
import { type Accounts, callIdOf, reportOf, totalOf } from './accounts.ts';

type Exhausted = { readonly accounts: Accounts } & Parameters<Call['exhausted']>[0];

/** The error for a call that nobody answered, or that no budget let ask anybody. */
export async function exhaust({ accounts, attempts, reason }: Exhausted): Promise<Error> {
  accounts.isExhausted = true;
  if (accounts.pending !== undefined) await accounts.pending;
  const error = refusedError({ accounts, attempts }) ?? exhaustedError({ accounts, attempts, reason });
  keepErrorReport({ error, report: reportOf({ accounts, serving: undefined }) });
  return error;
}

function exhaustedError({ accounts, attempts, reason }: Exhausted): RouteExhaustedError {
  const leftOut = accounts.leftOut?.skipped() ?? [];
  return new RouteExhaustedError({
    callId: callIdOf(accounts),
    task: accounts.task,
    attempts,
    cost: totalOf(accounts),
    warnings: [
      ...leftOut.map(({ candidate, reason: why }) => `- ${candidate}: left out: ${why}`),
      ...accounts.warnings,
    ],
    ...(reason !== undefined && { reason }),
  });
}

/** Where nobody was asked for want of money: by this composite, or by one that is a candidate. */
function refusedError({ accounts, attempts }: Omit<Exhausted, 'reason'>): Error | undefined {
  const inner = attempts.map(({ error }) => error).filter(error => BudgetExceededError.isInstance(error));
  if (inner.length < attempts.length) return undefined;
  const { task, leftOut } = accounts;
  return leftOut?.error({ callId: callIdOf(accounts), task, cost: totalOf(accounts) }) ?? inner.at(-1);
}
