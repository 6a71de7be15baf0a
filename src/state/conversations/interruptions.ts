import type { Clock } from '../../boundary/clock.ts';
import type { CostTotal } from '../../cost/index.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';

/** A call whose answer broke off after its first output, as the report of the call that makes up for it tells of it. */
export type RecoveredCall = {
  readonly callId: string;
  /** The candidate whose answer broke off. */
  readonly candidate: string;
  readonly failureKind: FailureKind;
  /**
   * What the broken call cost; `compositeCost` adds it, the report's own `cost` leaves it out. Not there where the broken call has
   * a result of its own that tells it.
   */
  readonly cost?: CostTotal;
  /** The call that the broken one was to make up for in its turn. */
  readonly recovers?: RecoveredCall;
};

/** What is remembered of a broken call until its conversation calls again. */
export type Interruption = {
  /** What the conversation is known by, each enough alone. */
  readonly keys: ReadonlyArray<string>;
  /** The caller's signal: tells apart conversations that are alike to the letter. */
  readonly signal: AbortSignal | undefined;
  /** Candidates that broke off an answer of this conversation, by name, the latest last. */
  readonly candidates: ReadonlyArray<string>;
  readonly call: RecoveredCall;
};

/** What is known of a conversation whose answer broke off a moment ago. */
export type FoundInterruption = {
  /** Candidates that broke off an answer of it, by name, the latest last. */
  readonly candidates: ReadonlyArray<string>;
  /** The broken call, where the very same is asked again, which makes up for it. */
  readonly madeUpFor?: Interruption;
};

/** Broken calls that their conversations may still make up for; each is forgotten after a minute. */
export type Interruptions = {
  readonly isEmpty: () => boolean;
  readonly add: (interruption: Interruption) => void;
  /** Finds a broken call by one of its keys: the one with this signal, else the earliest. */
  readonly find: (query: {
    readonly key: string;
    readonly signal: AbortSignal | undefined;
  }) => Interruption | undefined;
  /** Forgets a broken call that is being made up for. */
  readonly take: (interruption: Interruption) => void;
};

const keptMs = 60_000;

/** Makes an empty memory of at most `maxEntries` broken calls; the earliest go first. */
export function createInterruptions({
  clock,
  maxEntries,
}: {
  readonly clock: Clock;
  readonly maxEntries: number;
}): Interruptions {
  const since = new Map<Interruption, number>();
  const byKey = new Map<string, Set<Interruption>>();

  const take = (interruption: Interruption): void => {
    since.delete(interruption);
    for (const key of interruption.keys) {
      const known = byKey.get(key);
      known?.delete(interruption);
      if (known?.size === 0) byKey.delete(key);
    }
  };
  const forgetOld = (): void => {
    const nowMs = clock.now();
    for (const [interruption, atMs] of since) {
      // A clock that was set back says nothing of the time that passed.
      if (since.size <= maxEntries && Math.abs(nowMs - atMs) < keptMs) return;
      take(interruption);
    }
  };

  return {
    isEmpty: () => {
      if (since.size > 0) forgetOld();
      return since.size === 0;
    },
    add: interruption => {
      since.set(interruption, clock.now());
      for (const key of interruption.keys) {
        const known = byKey.get(key) ?? new Set();
        byKey.set(key, known.add(interruption));
      }
      forgetOld();
    },
    find: ({ key, signal }) => {
      forgetOld();
      let earliest: Interruption | undefined;
      for (const interruption of byKey.get(key) ?? []) {
        if (interruption.signal === signal) return interruption;
        earliest ??= interruption;
      }
      return earliest;
    },
    take,
  };
}
