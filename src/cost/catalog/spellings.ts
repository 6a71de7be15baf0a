import { isPricedApart, withoutGeography } from '../price/model-id.ts';

/**
 * Under what the catalog may list a model: its id; without a date, for it lists some snapshots one by one, and a newer
 * one is still that model; and Bedrock's, which AWS takes with and without a version, and which cost the same in a
 * region and in a group of regions.
 */
export function spellings({
  provider,
  modelId,
}: {
  readonly provider: string;
  readonly modelId: string;
}): readonly string[] {
  const ids = [modelId, modelId.replace(/[-@](?:20\d{2}-?\d{2}-?\d{2}|latest|preview)$/, '')];
  if (provider !== 'aws') return ids;
  if (isPricedApart(modelId)) return [...ids, `${modelId}-v1:0`];
  const inRegion = withoutGeography(modelId);
  return [...ids, `${modelId}-v1:0`, inRegion, `${inRegion}-v1:0`, `us.${inRegion}`];
}
