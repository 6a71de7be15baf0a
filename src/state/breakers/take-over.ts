import { type Memory, updateDoubt } from './breaker-memory.ts';
import { hearOfTrouble, settleFrom } from './settling.ts';

/** What others found out. */
export type Known = Pick<
  Memory,
  'consecutiveFailures' | 'cooldowns' | 'openings' | 'openUntilMs' | 'lastFailureKind' | 'othersProbeUntilMs'
>;

/** Takes over what others found out, in place of what was known here. */
export function takeOver({
  memory,
  known,
  nowMs,
}: {
  readonly memory: Memory;
  readonly nowMs: number;
  readonly known: Known;
}): void {
  const wasOpen = memory.openUntilMs !== undefined;
  const hasFailed = known.consecutiveFailures > memory.consecutiveFailures;
  Object.assign(memory, known);
  if (memory.openUntilMs === undefined) {
    if (wasOpen) memory.proofs += 1;
    // Somebody was answered.
    if (memory.consecutiveFailures === 0) {
      memory.suspicion = undefined;
      if (wasOpen) settleFrom({ settling: memory.settling, nowMs, isHearsay: true });
    }
  } else {
    if (!wasOpen) memory.openedAtMs = nowMs;
    memory.suspicion = undefined;
  }
  if (hasFailed) hearOfTrouble({ settling: memory.settling, nowMs });
  updateDoubt(memory);
}
