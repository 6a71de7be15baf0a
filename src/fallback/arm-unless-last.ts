import type { Attempt } from './attempt.ts';
import { arm } from './cut.ts';
import { earlier, type Limit } from './limits/limit.ts';
import { isLast, type Queue } from './step.ts';

/**
 * Cuts the attempt if it has brought nothing in time. The last candidate left has only its total time, unless an answer is
 * kept, by now or later, that will do in its place.
 */
export function armUnlessLast({
  attempt,
  limit,
  queue,
  nowMs,
}: {
  readonly attempt: Attempt;
  readonly limit: Limit;
  readonly queue: Queue;
  /** Where somebody has looked at the clock. */
  readonly nowMs?: number;
}): void {
  const { call, total, facts } = attempt;
  const own = earlier({ one: limit, other: total });
  const isAlone = isLast(queue) && queue.best === undefined;
  arm({ attempt, limit: isAlone ? total : own, ...(nowMs !== undefined && { nowMs }) });
  if (!isAlone || call.settleFor === undefined) return;
  queue.whenKept = () => {
    queue.whenKept = undefined;
    if (!attempt.hasEnded && facts.firstChunkMs === undefined) arm({ attempt, limit: own });
  };
}
