import * as z from 'zod/v4';
import { settleQuietly } from '../../boundary/callback.ts';
import { lazily } from '../../boundary/lazily.ts';
import type { Capabilities } from '../../candidate/candidate.ts';

/**
 * What a provider package says of one model, in the AI SDK's own format. Read when it is used: the format is young, and
 * packages bring it in several versions.
 */
export type ModelCatalogEntry = { readonly capabilities: object };

/** What a provider package says of its models: entries by model id, or a function that looks one up. */
export type ModelCatalog =
  | Readonly<Record<string, ModelCatalogEntry>>
  | ((modelId: string) => ModelCatalogEntry | undefined);

/**
 * Catalogs by provider, which is what comes before the first dot of a model's `provider`. Provider packages have them, in
 * the AI SDK's own format: `openaiModelCatalog` in `@ai-sdk/openai/internal`, `anthropicModelCatalog` in
 * `@ai-sdk/anthropic/internal`, `getGoogleLanguageModelEntry` in `@ai-sdk/google/internal`.
 */
export type ModelCatalogs = Readonly<Record<string, ModelCatalog>>;

const entrySchema = lazily(() => {
  // Only a plain `true` or `false` is known; `'unknown'` and a condition say nothing.
  const capability = z.unknown().transform(value => (typeof value === 'boolean' ? value : undefined));
  return z.object({
    capabilities: z.object({
      language: z.object({
        inputs: z.object({ image: capability, audio: capability }),
        objectGeneration: capability,
        tools: z.object({ usage: capability }),
        reasoning: z.object({ support: capability }),
      }),
    }),
  });
});

/** Reads what the catalogs say a model can do; a model that is not listed, or in another format, is unknown. */
export function readModelCatalogs({
  catalogs,
  model: { provider, modelId },
}: {
  readonly catalogs: ModelCatalogs;
  readonly model: { readonly provider: string; readonly modelId: string };
}): Capabilities | undefined {
  const name = provider.split('.', 1)[0] ?? provider;
  const catalog = Object.hasOwn(catalogs, name) ? catalogs[name] : undefined;
  const entry = read({ catalog, modelId });
  if (!entry?.success) return undefined;
  const { inputs, objectGeneration, tools, reasoning } = entry.data.capabilities.language;
  return { ...inputs, tools: tools.usage, jsonSchema: objectGeneration, reasoning: reasoning.support };
}

/** A catalog of another version may throw at a model that it does not know, which must not take the composite down. */
function read(query: Parameters<typeof lookUp>[0]) {
  try {
    const entry = lookUp(query);
    return entry === undefined ? undefined : entrySchema().safeParse(entry);
  } catch {
    return undefined;
  }
}

function lookUp({
  catalog,
  modelId,
}: {
  readonly catalog: ModelCatalog | undefined;
  readonly modelId: string;
}): unknown {
  if (typeof catalog === 'function') {
    const entry: unknown = catalog(modelId);
    // One that answers later lists nothing, and its rejection must not bring the process down.
    return settleQuietly(entry) ? undefined : entry;
  }
  return catalog !== undefined && Object.hasOwn(catalog, modelId) ? catalog[modelId] : undefined;
}
