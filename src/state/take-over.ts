import { type Memory, unsettle, updateDoubt } from './breaker-memory.ts';

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
      if (wasOpen) hear({ memory, nowMs });
    }
  } else {
    if (!wasOpen) memory.openedAtMs = nowMs;
    memory.suspicion = undefined;
  }
  if (hasFailed) {
    unsettle({ memory, nowMs });
    memory.isHearsay = true;
  }
  updateDoubt(memory);
}

/** It is well since some time before now, which others may know. */
function hear({ memory, nowMs }: { readonly memory: Memory; readonly nowMs: number }): void {
  memory.wellSinceMs = nowMs;
  memory.isHearsay = true;
}
