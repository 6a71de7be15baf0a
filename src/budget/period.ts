import type { BudgetPeriod } from './budget.ts';

/** The period that a moment is in. */
export type Period = {
  /** Tells it from every other period of the budget; empty where it lasts for ever. */
  readonly name: string;
  /** Milliseconds since the epoch; undefined where it never ends. */
  readonly endsAtMs: number | undefined;
};

const forever: Period = { name: '', endsAtMs: undefined };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Finds the period that a moment is in; hours, days and months are those of UTC. */
export function periodAt({
  every,
  nowMs,
}: {
  readonly every: BudgetPeriod | undefined;
  readonly nowMs: number;
}): Period {
  if (every === undefined) return forever;
  if (every === 'month') {
    const now = new Date(nowMs);
    const endsAtMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    return { name: now.toISOString().slice(0, 7), endsAtMs };
  }
  const lengthMs = every === 'day' ? dayMs : every === 'hour' ? hourMs : every;
  const index = Math.floor(nowMs / lengthMs);
  return { name: `${lengthMs}ms-${index}`, endsAtMs: (index + 1) * lengthMs };
}
