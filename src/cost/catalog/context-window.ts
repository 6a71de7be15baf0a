/**
 * Windows that the catalog rounds to a million or leaves out (ai.google.dev/gemini-api/docs/models and
 * developers.openai.com/api/docs/models, 2026-11).
 */
const exactWindows: ReadonlyArray<readonly [model: RegExp, tokens: number]> = [
  [/^gemini-(?:2\.5|3|3\.1)-pro(?:-preview)?$/, 1_048_576],
  [/^gemini-(?:2|3)[\d.]*-flash(?:-lite)?(?:-preview)?$/, 1_048_576],
  [/^gpt-4\.1(?:-mini|-nano)?$/, 1_047_576],
  [/^gpt-5\.5(?:-pro)?$/, 1_050_000],
];

const million = 1_000_000;

/** The context window of a catalog entry; a rounded one would leave out requests that just fit. */
export function exactWindow({
  id,
  context_window: listed,
}: {
  readonly id: string;
  readonly context_window?: number;
}): number | undefined {
  if (listed !== undefined && listed !== million) return listed;
  return exactWindows.find(([model]) => model.test(id))?.[1] ?? listed;
}
