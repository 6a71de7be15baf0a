import type { Candidate } from '../../candidate/candidate.ts';
import type { LanguageModelV4Message, LanguageModelV4Prompt } from '../../provider/sdk-types.ts';
import { heldAs } from './held-links.ts';
import { type AskedModels, heldUrls, isFetchedBy, sharedUrls, urlsOf } from './supported-urls.ts';

/** A link to a file in a request. */
export type Link = { readonly url: URL; readonly mediaType: string };

/** The links of a request that a candidate does not follow by itself. */
export type UnfetchedLinks = (candidate: Candidate) => ReadonlyArray<Link>;

type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];
type ToolPart = Extract<LanguageModelV4Message, { role: 'tool' }>['content'][number];
type ToolItem = Extract<
  Extract<ToolPart, { type: 'tool-result' }>['output'],
  { type: 'content' }
>['value'][number];

/** A file that the user attached, or one that a tool returned. */
export type FileItem = Extract<UserPart | ToolItem, { type: 'file' }>;

const none: ReadonlyArray<Link> = [];

/** The links to files in a conversation; undefined where there are none, as nearly always. */
export function linksOf(prompt: LanguageModelV4Prompt): ReadonlyArray<Link> | undefined {
  // Written in place: this runs on every call.
  let links: Link[] | undefined;
  const note = (item: UserPart | ToolItem) => {
    const link = item.type === 'file' ? linkOf(item) : undefined;
    if (link === undefined) return;
    links ??= [];
    links.push(link);
  };
  for (const message of prompt) {
    if (message.role === 'user') for (const part of message.content) note(part);
    if (message.role !== 'tool') continue;
    for (const part of message.content)
      if (part.type === 'tool-result' && part.output.type === 'content') part.output.value.forEach(note);
  }
  return links;
}

/** The link of a file; undefined where its content, or a reference, is there. */
export function linkOf({ data, mediaType }: FileItem): Link | undefined {
  return data.type === 'url' && data.url.protocol !== 'data:' ? { url: data.url, mediaType } : undefined;
}

/**
 * Finds out which links each candidate does not follow by itself, of those that the composite said could be followed: the SDK
 * asks before a candidate is chosen, and a pin or a classifier may choose one of another route. Any other link is there
 * because the caller wants it there (`experimental_download` can pass one on), and goes out as it is.
 */
export async function findUnfetched({
  links,
  asked,
  candidates,
}: {
  readonly links: ReadonlyArray<Link>;
  /** What the SDK was told by. */
  readonly asked: AskedModels;
  readonly candidates: ReadonlyArray<Candidate>;
}): Promise<UnfetchedLinks> {
  const shared = await sharedUrls(asked);
  const promised = links.filter(link => isFetchedBy({ urls: shared, ...link }));
  const found = await Promise.all(
    candidates.map(async ({ name, model, prepare }) => {
      prepare?.();
      const urls = await urlsOf(model);
      return { name, urls, held: heldUrls({ urls, modelId: model.modelId }) };
    }),
  );
  // Where one follows what is no file, another that takes any URL does not.
  const isHeld = (link: Link) =>
    heldAs(link.url) !== undefined && found.some(({ held }) => isFetchedBy({ urls: held, ...link }));
  const heldLinks = new Set(promised.filter(isHeld));
  const unfetched = new Map(
    found.map(({ name, urls, held }) => [
      name,
      promised.filter(link => !isFetchedBy({ urls: heldLinks.has(link) ? held : urls, ...link })),
    ]),
  );
  return ({ name }) => unfetched.get(name) ?? none;
}
