import type { Cost } from './cost.ts';
import { addCosts, type CostTotal } from './total.ts';

/** What the tracker needs of a call's end; `onCallEnd` events have it. */
export type TrackedCall = {
  readonly task: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attempts: ReadonlyArray<{
    readonly candidate: string;
    readonly modelId: string;
    readonly cost: Cost;
  }>;
  readonly cost: CostTotal;
};

/** Totals so far, as plain JSON. */
export type CostSnapshot = {
  readonly calls: number;
  readonly total: CostTotal;
  readonly byTask: Readonly<Record<string, CostTotal>>;
  readonly byCandidate: Readonly<Record<string, CostTotal>>;
  readonly byModel: Readonly<Record<string, CostTotal>>;
  /** By `name=value` of the call's tags. */
  readonly byTag: Readonly<Record<string, CostTotal>>;
};

/** An observer that adds up what calls cost; pass its `onCallEnd` to `createComposite`. */
export type CostTracker = {
  readonly onCallEnd: (call: TrackedCall) => void;
  readonly snapshot: () => CostSnapshot;
  readonly reset: () => void;
};

const other = '(other)';

/** Makes a tracker. It keeps at most `maxKeys` (default 1,000) names of each sort; what comes after is summed under `(other)`. */
export function createCostTracker({ maxKeys = 1_000 }: { readonly maxKeys?: number } = {}): CostTracker {
  const nothing: CostTotal = addCosts([]);
  let calls = 0;
  let total = nothing;
  const maps = {
    byTask: new Map<string, CostTotal>(),
    byCandidate: new Map<string, CostTotal>(),
    byModel: new Map<string, CostTotal>(),
    byTag: new Map<string, CostTotal>(),
  };
  const add = ({
    map,
    key,
    cost,
  }: {
    readonly map: Map<string, CostTotal>;
    readonly key: string;
    readonly cost: Cost | CostTotal;
  }) => {
    const name = map.has(key) || map.size < maxKeys ? key : other;
    map.set(name, addCosts([map.get(name) ?? nothing, cost]));
  };
  return {
    onCallEnd: ({ task, tags = {}, attempts, cost }) => {
      calls += 1;
      total = addCosts([total, cost]);
      add({ map: maps.byTask, key: task, cost });
      for (const [name, value] of Object.entries(tags))
        add({ map: maps.byTag, key: `${name}=${value}`, cost });
      for (const attempt of attempts) {
        add({ map: maps.byCandidate, key: attempt.candidate, cost: attempt.cost });
        add({ map: maps.byModel, key: attempt.modelId, cost: attempt.cost });
      }
    },
    snapshot: () => ({
      calls,
      total,
      byTask: Object.fromEntries(maps.byTask),
      byCandidate: Object.fromEntries(maps.byCandidate),
      byModel: Object.fromEntries(maps.byModel),
      byTag: Object.fromEntries(maps.byTag),
    }),
    reset: () => {
      calls = 0;
      total = nothing;
      for (const map of Object.values(maps)) map.clear();
    },
  };
}
