import type { LanguageModelV4 } from '@ai-sdk/provider';

type SupportedUrls = Record<string, RegExp[]>;

/**
 * The URLs that every one of these models fetches by itself. The SDK downloads all others before the call, so whoever
 * serves after a fallback can read them. Asked lazily, since a model may have to look its own up; a model that fails to
 * say supports none.
 */
export function sharedUrls(models: ReadonlyArray<LanguageModelV4>): PromiseLike<SupportedUrls> {
  let shared: Promise<SupportedUrls> | undefined;
  const ask = () => {
    shared ??= Promise.all(models.map(urlsOf)).then(intersect);
    return shared;
  };
  // The SDK awaits `supportedUrls`, and only then should models be asked.
  return { then: (onFulfilled, onRejected) => ask().then(onFulfilled, onRejected) };
}

async function urlsOf(model: LanguageModelV4): Promise<SupportedUrls> {
  try {
    return await model.supportedUrls;
  } catch {
    return {};
  }
}

function intersect([first, ...others]: ReadonlyArray<SupportedUrls>): SupportedUrls {
  return others.reduce((shared, urls) => both({ shared, urls }), first ?? {});
}

function both({
  shared,
  urls,
}: {
  readonly shared: SupportedUrls;
  readonly urls: SupportedUrls;
}): SupportedUrls {
  const result: SupportedUrls = {};
  for (const [mediaType, patterns] of Object.entries(shared)) {
    for (const [otherType, otherPatterns] of Object.entries(urls)) {
      const narrower = narrow({ one: mediaType, other: otherType });
      if (narrower === undefined) continue;
      const common = patterns.filter(pattern => otherPatterns.some(other => isSame({ one: pattern, other })));
      const known = result[narrower] ?? [];
      const added = common.filter(pattern => !known.some(other => isSame({ one: pattern, other })));
      if (known.length + added.length > 0) result[narrower] = [...known, ...added];
    }
  }
  return result;
}

/** The media type that both cover: `image/*` and `image/png` share `image/png`. */
function narrow({ one, other }: { readonly one: string; readonly other: string }): string | undefined {
  if (covers({ wide: one, narrow: other })) return other;
  return covers({ wide: other, narrow: one }) ? one : undefined;
}

function covers({ wide, narrow: mediaType }: { readonly wide: string; readonly narrow: string }): boolean {
  if (wide === '*' || wide === '*/*' || wide.toLowerCase() === mediaType.toLowerCase()) return true;
  return wide.endsWith('/*') && mediaType.toLowerCase().startsWith(wide.slice(0, -1).toLowerCase());
}

function isSame({ one, other }: { readonly one: RegExp; readonly other: RegExp }): boolean {
  return one.source === other.source && one.flags === other.flags;
}
