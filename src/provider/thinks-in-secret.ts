type Thinkers = { readonly models: RegExp; readonly but?: RegExp };

/** What may stand before a model's name: a vendor, a region, a path, `ft:`. */
const start = '(?:^|[^a-z0-9])';

/**
 * Models that think before they answer, unasked, and do not send what they thought, at most a summary of it:
 *
 * - OpenAI's o-series and GPT-5 and later, but the first chat model (`@ai-sdk/openai` 4.0.118, its list of models;
 *   openrouter.ai, reasoning tokens: "some reasoning models do not return their reasoning tokens", 2026-11).
 * - Grok 4 and later: "The response doesn't have the reasoning_content field" (docs.cloud.google.com, reasoning for Grok
 *   models, 2026-11).
 * - Gemini 2.5 and later, but 2.5 Flash-Lite, which thinks only when asked (ai.google.dev, Gemini thinking, 2026-11).
 * - Claude 5 and later, and Mythos Preview (platform.claude.com, thinking, 2026-11).
 * - Perplexity's deep research (docs.perplexity.ai, pricing, 2026-10).
 */
const thinkers: ReadonlyArray<Thinkers> = [
  { models: /(?:^|[/:])o[1-9](?![a-z0-9])/ },
  {
    models: new RegExp(`${start}gpt-(?:[5-9]|[1-9]\\d)(?![0-9])`),
    but: new RegExp(`${start}gpt-5-(?:chat|image)`),
  },
  { models: new RegExp(`${start}grok-(?:[4-9]|[1-9]\\d)(?![0-9])`), but: /non-reasoning/ },
  {
    models: new RegExp(`${start}gemini-(?:2\\.5|[3-9]|[1-9]\\d|flash-latest|pro-latest)(?![0-9])`),
    but: /gemini-2\.5-flash-lite|-(?:image|tts|live)(?![a-z])/,
  },
  {
    models: new RegExp(
      `${start}claude-(?:(?:opus|sonnet|haiku|fable|mythos)-(?:[5-9]|[1-9]\\d)(?![0-9])|mythos-preview)`,
    ),
  },
  { models: /sonar-deep-research/ },
];

/** Model ids repeat; a handful of expressions for each call would not be free. */
const known = new Map<string, boolean>();
const maxKnown = 500;

/**
 * Tells whether a model thinks before it answers without showing what: its first output comes late, and what it thought
 * is billed and cannot be estimated. An id that says nothing of its model, such as the name of a deployment, is no.
 */
export function thinksInSecret({ modelId }: { readonly modelId: string }): boolean {
  const before = known.get(modelId);
  if (before !== undefined) return before;
  const id = modelId.toLowerCase();
  const thinks = thinkers.some(({ models, but }) => models.test(id) && but?.test(id) !== true);
  if (known.size >= maxKnown) known.clear();
  known.set(modelId, thinks);
  return thinks;
}
