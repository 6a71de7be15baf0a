/** A file, as far as its kind and its place can be told. */
export type AnyFile = { readonly mediaType: string; readonly data: unknown };

/**
 * The file in an item of a tool's result, or undefined for a text or something of a provider's own. Types of earlier
 * versions of the SDK are read too (`image-data`, `file-url`, `media`, ...): old messages have them.
 */
export function toolFileOf(item: {
  readonly type: string;
  readonly mediaType?: unknown;
  readonly data?: unknown;
}): AnyFile | undefined {
  const { type, mediaType, data } = item;
  if (type === 'text' || type === 'custom') return undefined;
  if (typeof mediaType === 'string') return { mediaType, data };
  return { mediaType: type.startsWith('image') ? 'image' : 'application', data };
}
