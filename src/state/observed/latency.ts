import type { Clock } from '../../boundary/clock.ts';
import type { CallType } from '../../candidate/call-options.ts';

/** What was observed of how soon a candidate answers. */
export type ObservedLatency = {
  /** False until an attempt at it has ended. */
  readonly isTried: boolean;
  /** Average time to first output, recent attempts counting most; absent while none had output. */
  readonly firstChunkMs?: number;
};

/** How long an attempt took, and how it ended. */
export type LatencySample = {
  readonly identity: object;
  readonly type: CallType;
  /** `lost`: aborted since another candidate of a hedge answered first; `abort`: for any other reason. */
  readonly outcome: 'success' | 'failure' | 'abort' | 'lost';
  /** From its start to its first output. */
  readonly firstChunkMs: number | undefined;
  readonly durationMs: number;
};

/** Remembers how soon candidates answer, per model object and type of call; an entry lives as long as its model. */
export type Latency = {
  /** Takes the end of an attempt. */
  readonly record: (sample: LatencySample) => void;
  /** Says what was observed; without a type what streams showed, else generated answers. */
  readonly observed: (query: {
    readonly identity: object;
    readonly type: CallType | undefined;
  }) => ObservedLatency;
};

type Memory = ObservedLatency & { readonly recordedAtMs: number };

/** A new sample counts at least this much, so that a change shows after a few calls. */
const minimumShare = 0.2;
/** What was observed loses half of its say in this time. */
const halfLifeMs = 60_000;

const untried: ObservedLatency = { isTried: false };

/** Makes an empty memory. It holds two numbers per model and type, whatever the traffic. */
export function createLatency({ clock }: { readonly clock: Clock }): Latency {
  const memories = new WeakMap<object, { [TYPE in CallType]?: Memory }>();

  return {
    record: ({ identity, type, outcome, firstChunkMs, durationMs }) => {
      let memory = memories.get(identity);
      if (memory === undefined) {
        memory = {};
        memories.set(identity, memory);
      }
      const before = memory[type];
      const known = before?.firstChunkMs;
      const recordedAtMs = clock.now();
      const sampleMs =
        firstOutputMs({ type, outcome, firstChunkMs }) ??
        (isNews({ knownMs: known, outcome, durationMs }) ? durationMs : undefined);
      // A negative time is a clock that was set back in between, and would be the quickest of all for long.
      if (sampleMs === undefined || sampleMs < 0) {
        // A caller who went away before there was anything to see tells nothing.
        if (outcome !== 'abort') memory[type] = before ?? { isTried: true, recordedAtMs };
        return;
      }
      if (before === undefined || known === undefined) {
        memory[type] = { isTried: true, firstChunkMs: sampleMs, recordedAtMs };
        return;
      }
      const ageMs = Math.max(0, recordedAtMs - before.recordedAtMs);
      const share = Math.max(minimumShare, 1 - 2 ** (-ageMs / halfLifeMs));
      memory[type] = { isTried: true, firstChunkMs: known + share * (sampleMs - known), recordedAtMs };
    },
    observed: ({ identity, type }) => {
      const memory = memories.get(identity);
      if (memory === undefined) return untried;
      return (type === undefined ? (memory.stream ?? memory.generate) : memory[type]) ?? untried;
    },
  };
}

/** A memory for those who never ask. */
export const noLatency: Latency = { record: () => undefined, observed: () => untried };

/** A generated answer that was refused has a duration but no output. */
function firstOutputMs({
  type,
  outcome,
  firstChunkMs,
}: Pick<LatencySample, 'type' | 'outcome' | 'firstChunkMs'>): number | undefined {
  return type === 'generate' && outcome === 'failure' ? undefined : firstChunkMs;
}

/**
 * Without output an attempt's duration only says "at least", so it counts where it is longer than what is known. A quick
 * failure is no speed; a hedge that lost would otherwise look untried, and go first, for ever.
 */
function isNews({
  knownMs,
  outcome,
  durationMs,
}: Pick<LatencySample, 'outcome' | 'durationMs'> & { readonly knownMs: number | undefined }): boolean {
  return knownMs === undefined ? outcome === 'lost' : durationMs > knownMs;
}
