type Row = { readonly models: RegExp; readonly since: string };

/**
 * Long-context lines that were given up, with the day from which one rate holds; the catalog goes on listing them at
 * some sellers. Claude 4.6 at its standard rates over the whole window: claude.com/blog/1m-context-ga (2026-03-13), for
 * the Claude Platform, Vertex AI and Foundry. Claude Sonnet 4.5 without the 1M window of its beta, which ended on
 * 2026-04-30: platform.claude.com/docs/en/models/sonnet-4-5/overview (2026-11).
 */
const rows: readonly Row[] = [
  { models: /^claude-(?:opus|sonnet)-4[-.]6/, since: '2026-03-13' },
  { models: /^claude-sonnet-4[-.]5/, since: '2026-05-01' },
];

/** Tells whether the long-context line of a listed model counts for nothing at a moment. */
export function isRetiredTier({
  modelId,
  start,
  contextWindow,
  atMs,
}: {
  readonly modelId: string;
  /** The tokens above which the listed tier begins. */
  readonly start: number;
  readonly contextWindow: number | undefined;
  readonly atMs: number;
}): boolean {
  const row = rows.find(({ models }) => models.test(modelId));
  if (row !== undefined) return atMs >= Date.parse(row.since);
  // An input that does not fit the window cannot be billed.
  return contextWindow !== undefined && start >= contextWindow;
}
