import { createDownload, UnsupportedFunctionalityError } from 'ai';
import type { Candidate } from '../candidate/candidate.ts';
import type { LanguageModelV4Prompt } from '../provider/sdk-types.ts';
import { heldAs } from '../route/serve/held-links.ts';
import { type FileItem, type Link, linkOf, type UnfetchedLinks } from '../route/serve/links.ts';

/** What is behind a link. */
type Content = { readonly data: Uint8Array; readonly mediaType: string | undefined };

/** A download, and the signal of the attempt that began it. */
type Download = { readonly content: Promise<Content>; readonly signal: AbortSignal };

/** Puts files in the place of the links that a candidate does not follow; undefined where there are none. */
export type DownloadLinks = (request: {
  readonly candidate: Candidate;
  readonly prompt: LanguageModelV4Prompt;
  readonly signal: AbortSignal;
}) => Promise<LanguageModelV4Prompt> | undefined;

/** The largest file that is downloaded; providers take less. */
const maxBytes = 50 * 1024 * 1024;

/**
 * Makes the downloads of one call: each link once, when the first candidate that needs its content is asked, within that
 * attempt's time limits, up to 50 MiB, by the SDK's own download, which goes to no private address. Only `http(s)` links that
 * are files; one that cannot be had fails the attempt as `unsupported`, which says nothing about the candidate's health.
 */
export function createDownloads(unfetched: UnfetchedLinks): DownloadLinks {
  const download = createDownload({ maxBytes });
  const downloads = new Map<string, Download>();

  const fetchOnce = ({
    link,
    signal,
  }: {
    readonly link: Link;
    readonly signal: AbortSignal;
  }): Promise<Content> => {
    const start = () => {
      const content = download({ url: link.url, abortSignal: signal }).then(file =>
        checkPage({ link, file }),
      );
      downloads.set(link.url.href, { content, signal });
      return content;
    };
    const known = downloads.get(link.url.href);
    if (known === undefined) return start();
    // What ended with another attempt, such as the loser of a hedge, has to begin again.
    return known.content.catch((reason: unknown) => {
      if (known.signal.aborted) return start();
      throw reason;
    });
  };

  return ({ candidate, prompt, signal }) => {
    const links = unfetched(candidate).filter(({ url }) => heldAs(url) === undefined);
    if (links.length === 0) return undefined;
    const wanted = new Map(links.map(link => [link.url.href, link]));
    const entries = [...wanted].map(
      async ([href, link]) => [href, await fetchOnce({ link, signal })] as const,
    );
    return Promise.all(entries).then(
      found => withContents({ prompt, contents: new Map(found) }),
      (reason: unknown) => {
        throw notDownloaded(reason);
      },
    );
  };
}

/** Not a `cause`: its status is that of somebody else's server, and tells nothing about the candidate. */
function notDownloaded(reason: unknown): UnsupportedFunctionalityError {
  const status =
    typeof reason === 'object' && reason !== null && 'statusCode' in reason && reason.statusCode !== undefined
      ? ` (HTTP ${reason.statusCode})`
      : '';
  const error = new UnsupportedFunctionalityError({
    functionality: 'a link that the model does not follow',
    message: `A link of the request could not be downloaded${status} for a model that does not follow it by itself.`,
  });
  return Object.assign(error, { reason });
}

/** A page about a file is not the file. */
function checkPage({ link: { mediaType }, file }: { readonly link: Link; readonly file: Content }): Content {
  if (!/^text\/html\b/i.test(file.mediaType ?? '') || /^(?:text|\*)/i.test(mediaType)) return file;
  throw new Error(`The link leads to a page (text/html), not to a file of type ${mediaType}.`);
}

function withContents({
  prompt,
  contents,
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly contents: ReadonlyMap<string, Content>;
}): LanguageModelV4Prompt {
  const filled = <ITEM extends { readonly type: string }>(item: ITEM | FileItem): ITEM | FileItem => {
    if (!isFile(item)) return item;
    const content = contents.get(linkOf(item)?.url.href ?? '');
    if (content === undefined) return item;
    const { data, mediaType } = content;
    return {
      ...item,
      mediaType: wholeType({ declared: item.mediaType, sent: mediaType }),
      data: { type: 'data', data },
    };
  };
  return prompt.map(message => {
    if (message.role === 'user') return { ...message, content: message.content.map(filled) };
    if (message.role !== 'tool') return message;
    return {
      ...message,
      content: message.content.map(part =>
        part.type === 'tool-result' && part.output.type === 'content'
          ? { ...part, output: { ...part.output, value: part.output.value.map(filled) } }
          : part,
      ),
    };
  });
}

function isFile(item: { readonly type: string }): item is FileItem {
  return item.type === 'file';
}

/** A media type that only says the kind (`image`, `image/*`) becomes the one that the server sent. */
function wholeType({
  declared,
  sent,
}: {
  readonly declared: string;
  readonly sent: string | undefined;
}): string {
  const [type] = sent?.split(';') ?? [];
  return type === undefined || type === '' || /^[^/]+\/[^*]+$/.test(declared) ? declared : type.trim();
}
