import type { Candidate } from '../../candidate/candidate.ts';
import { isLazy } from '../../provider/lazy-model.ts';
import type { LanguageModelV4 } from '../../provider/sdk-types.ts';
import { anyLink, heldPart, matches } from './held-links.ts';

type SupportedUrls = Record<string, RegExp[]>;

/** Whose URLs are asked for. */
export type AskedModels = {
  /** Those of the route, or of all routes. */
  readonly models: ReadonlyArray<LanguageModelV4>;
  /** Every model that a pin may choose instead; of these only links that are no files count. */
  readonly besides: ReadonlyArray<LanguageModelV4>;
};

/** The models whose URLs the SDK is told by a composite, or by the model of a pinned task. */
export function askedModels({
  composite: { routes, candidates },
  pinnedTask,
}: {
  readonly composite: {
    readonly routes: ReadonlyMap<string, { readonly candidates: ReadonlyArray<Candidate> }>;
    readonly candidates: ReadonlyArray<Candidate>;
  };
  readonly pinnedTask: string | undefined;
}): AskedModels {
  const own = pinnedTask === undefined ? candidates : (routes.get(pinnedTask)?.candidates ?? []);
  return { models: own.map(({ model }) => model), besides: candidates.map(({ model }) => model) };
}

/**
 * The URLs that every one of these models fetches by itself, and those that are no files and one of them follows, such as a
 * YouTube link. The SDK downloads all others before the call, so whoever serves after a fallback can read them. A model that
 * fails to say supports none.
 */
export async function sharedUrls({ models, besides }: AskedModels): Promise<SupportedUrls> {
  // What a model that is not made yet fetches nobody knows; for a candidate that does not follow a link, it is downloaded later.
  if (models.some(isLazy)) return { '*/*': [anyLink] };
  const all = [...new Set([...models, ...besides])];
  const found = await Promise.all(all.map(async model => [model, await urlsOf(model)] as const));
  const known = new Map(found);
  // A copy: of one model it is that model's own object, which its package may share among all of them.
  const shared = { ...intersect(models.map(model => known.get(model) ?? {})) };
  for (const model of besides) {
    const held = heldUrls({ urls: known.get(model) ?? {}, modelId: model.modelId });
    for (const [mediaType, patterns] of Object.entries(held)) add({ to: shared, mediaType, patterns });
  }
  return shared;
}

/** Whether a model with these URLs fetches a link by itself, as the SDK tells. */
export function isFetchedBy({
  urls,
  url: { href },
  mediaType,
}: {
  readonly urls: SupportedUrls;
  readonly url: URL;
  readonly mediaType: string;
}): boolean {
  // A type without a subtype (`image`) may be any of its kind.
  const narrow = mediaType.includes('/') ? mediaType : `${mediaType}/*`;
  return Object.entries(urls).some(
    ([wide, patterns]) =>
      covers({ wide, narrow }) && patterns.some(pattern => matches({ pattern, url: href })),
  );
}

/** Of the URLs of a model those that mean links that are no files: a package that takes any URL means files. */
export function heldUrls({
  urls,
  modelId,
}: {
  readonly urls: SupportedUrls;
  readonly modelId: string;
}): SupportedUrls {
  return Object.fromEntries(
    Object.entries(urls).map(([mediaType, patterns]) => [
      mediaType,
      patterns.flatMap(pattern => heldPart({ pattern, modelId })),
    ]),
  );
}

/** The URLs of one model; none where it fails to say. */
export async function urlsOf(model: LanguageModelV4): Promise<SupportedUrls> {
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
      add({ to: result, mediaType: narrower, patterns: common });
    }
  }
  return result;
}

/** Adds the patterns that are not there yet. */
function add({
  to,
  mediaType,
  patterns,
}: {
  readonly to: SupportedUrls;
  readonly mediaType: string;
  readonly patterns: ReadonlyArray<RegExp>;
}): void {
  const known = to[mediaType] ?? [];
  const added = patterns.filter(
    (pattern, index) =>
      !known.some(other => isSame({ one: pattern, other })) &&
      patterns.findIndex(other => isSame({ one: pattern, other })) === index,
  );
  if (added.length > 0) to[mediaType] = [...known, ...added];
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
