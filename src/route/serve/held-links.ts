/** Links that are no files to download: whoever cannot follow one by itself cannot be given what is behind it. */
type HeldLinks = {
  /** In words, for a reason. */
  readonly what: string;
  readonly pattern: RegExp;
  /** Some of them, by which a pattern of a model is recognised. */
  readonly samples: ReadonlyArray<string>;
  /** Models that are known to follow them where their package says no more than "any URL". */
  readonly followedBy?: RegExp;
};

const heldLinks: ReadonlyArray<HeldLinks> = [
  {
    what: 'a YouTube link',
    pattern: /^https?:\/\/(?:(?:www|m|music)\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)\//i,
    samples: ['https://www.youtube.com/watch?v=dQw4w9WgXcQ', 'https://youtu.be/dQw4w9WgXcQ'],
    followedBy: /gemini/i,
  },
  {
    what: 'a file that the Gemini API holds',
    pattern: /^https:\/\/generativelanguage\.googleapis\.com\/(?:upload\/)?v\w+\/files\//i,
    samples: ['https://generativelanguage.googleapis.com/v1beta/files/abc-123'],
  },
  { what: 'a Google Cloud Storage link', pattern: /^gs:/i, samples: ['gs://bucket/file.mp4'] },
  { what: 'an Amazon S3 link', pattern: /^s3:/i, samples: ['s3://bucket/file.mp4'] },
];

/** A file anywhere: a pattern that matches it says nothing of links that are no files. */
const anyFile = 'https://example.com/file.mp4';

/** What a composite says of candidates that are not made yet: any link at all. */
export const anyLink = /^/;

/** What a link is, in words, if it is no file to download; undefined for one that is. */
export function heldAs({ href, protocol }: URL): string | undefined {
  const known = heldLinks.find(({ pattern }) => pattern.test(href))?.what;
  if (known !== undefined) return known;
  return protocol === 'https:' || protocol === 'http:' ? undefined : `a ${protocol} link`;
}

/** Of one pattern of a model's `supportedUrls`, the part that means links that are no files. */
export function heldPart({
  pattern,
  modelId,
}: {
  readonly pattern: RegExp;
  readonly modelId: string;
}): ReadonlyArray<RegExp> {
  const isOwn = pattern.source !== anyLink.source && !matches({ pattern, url: anyFile });
  return heldLinks
    .filter(({ samples }) => samples.some(url => matches({ pattern, url })))
    .flatMap(held => {
      if (isOwn) return [pattern];
      const isFollowed = pattern.source === anyLink.source || held.followedBy?.test(modelId) === true;
      return isFollowed ? [held.pattern] : [];
    });
}

/** Patterns with the flags `g` and `y` remember where they were. */
export function matches({ pattern, url }: { readonly pattern: RegExp; readonly url: string }): boolean {
  return url.search(pattern) >= 0;
}
