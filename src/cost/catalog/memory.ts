import type { Found } from './catalog-price.ts';

const maxModels = 500;

/** Remembers what lookups found, for one slot of time, for a bounded number of models. */
export type Memory = {
  readonly recall: (key: {
    readonly provider: string;
    readonly modelId: string;
    readonly slot: number;
  }) => Found | undefined;
  readonly keep: (entry: {
    readonly provider: string;
    readonly modelId: string;
    readonly slot: number;
    readonly found: Found;
  }) => void;
  readonly clear: () => void;
};

/** Makes an empty memory. Two maps instead of one joined key: joining takes longer than both lookups. */
export function createMemory(): Memory {
  const byProvider = new Map<string, Map<string, { readonly slot: number; readonly found: Found }>>();
  let size = 0;
  const clear = () => {
    byProvider.clear();
    size = 0;
  };
  return {
    recall: ({ provider, modelId, slot }) => {
      const known = byProvider.get(provider)?.get(modelId);
      return known?.slot === slot ? known.found : undefined;
    },
    keep: ({ provider, modelId, slot, found }) => {
      if (size >= maxModels) clear();
      const models =
        byProvider.get(provider) ?? new Map<string, { readonly slot: number; readonly found: Found }>();
      if (!models.has(modelId)) size += 1;
      byProvider.set(provider, models.set(modelId, { slot, found }));
    },
    clear,
  };
}
