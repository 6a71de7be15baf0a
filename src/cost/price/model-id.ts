const month = '(?:0[1-9]|1[0-2])';
const day = '(?:0[1-9]|[12]\\d|3[01])';

/**
 * What may follow a model id without making it another model: a date (`-20251001`, `-2025-10-01`, `-0905`, Mistral's
 * `-2506`), `-latest`, `-preview` (with or without a date), Google's `-001`, Bedrock's `-v1:0`. A `-v2` is another
 * model, unless a date before it says which.
 */
const snapshot = new RegExp(
  [
    `[-@](?:20\\d{2}-?${month}-?${day}|${month}${day}|2[3-9]${month}|latest|default)`,
    `-preview(?:-\\d{2}-\\d{2,4}|-20\\d{2}-${month}-${day})?`,
    '-00\\d',
    '-v1(?::\\d+)?',
    '(?<=-20\\d{6})-v\\d+(?::\\d+)?',
  ]
    .map(suffix => `(?:${suffix})$`)
    .join('|'),
);

/** Strips what only names a snapshot from a model id: `claude-haiku-4-5-20251001` → `claude-haiku-4-5`. */
export function withoutSnapshot(modelId: string): string {
  let id = modelId;
  // Two suffixes can follow each other: `-20251001-v1:0`.
  for (let count = 0; count < 3; count++) {
    const shorter = id.replace(snapshot, '');
    if (shorter === id || shorter === '') return id;
    id = shorter;
  }
  return id;
}

/** The model that was fine-tuned, without whose it is: `ft:gpt-4o-2024-08-06:acme::1a2b` → `ft:gpt-4o-2024-08-06`. */
export function withoutOwner(modelId: string): string {
  return modelId.startsWith('ft:') ? modelId.split(':', 2).join(':') : modelId;
}

/** Groups of regions of Bedrock. */
const geography = /^(?:us|eu|apac|jp|au|in|ca|sa|me|af|mx|uk)\./;

/** Bedrock's id of a model without the group of regions: `eu.amazon.nova-pro-v1:0` → `amazon.nova-pro-v1:0`. */
export function withoutGeography(modelId: string): string {
  return modelId.replace(geography, '');
}

/** Tells whether an id is of Bedrock's global endpoint or of GovCloud, which have prices of their own. */
export function isPricedApart(modelId: string): boolean {
  return /^(?:global|us-gov)\./.test(modelId);
}

/** Tells whether an id is that model: the same id, or a snapshot of it. */
export function isSameModel({ modelId, as }: { readonly modelId: string; readonly as: string }): boolean {
  return modelId === as || withoutSnapshot(modelId) === as;
}
