import { isSameModel } from './model-id.ts';

type Row = {
  /** The catalog's provider id. */
  readonly provider: string;
  readonly surcharge: string;
  /** Missing: every model of the provider that no other row names. */
  readonly models?: readonly string[];
  readonly factor: number;
};

/**
 * Published prices of service tiers, as factors on the standard rates; rows for models come before their provider's
 * rule. Where the published rates are no whole factor, the overlay has the rates themselves.
 *
 * OpenAI: openai.com/api-fast-mode, developers.openai.com/api/docs/pricing and /guides/ultrafast-mode (2026-11);
 * priority was renamed fast on 2026-07-30 and both names are accepted. Anthropic: platform.claude.com/docs, fast
 * mode, data residency and batch processing (2026-11). Google: ai.google.dev/gemini-api/docs/pricing (2026-11). AWS:
 * aws.amazon.com/bedrock/pricing (2026-11).
 */
const rows: readonly Row[] = [
  { provider: 'openai', surcharge: 'priority', models: ['gpt-5.5', 'gpt-5-5'], factor: 2.5 },
  { provider: 'openai', surcharge: 'priority', models: ['gpt-5-mini'], factor: 1.8 },
  {
    provider: 'openai',
    surcharge: 'priority',
    models: ['gpt-4.1', 'gpt-4.1-mini', 'o3', 'gpt-4o-2024-05-13'],
    factor: 1.75,
  },
  { provider: 'openai', surcharge: 'priority', models: ['gpt-4o'], factor: 1.7 },
  { provider: 'openai', surcharge: 'priority', models: ['gpt-4o-mini'], factor: 1.6667 },
  { provider: 'openai', surcharge: 'priority', models: ['o4-mini'], factor: 1.8182 },
  { provider: 'openai', surcharge: 'priority', factor: 2 },
  { provider: 'openai', surcharge: 'flex', factor: 0.5 },
  { provider: 'openai', surcharge: 'batch', factor: 0.5 },
  { provider: 'openai', surcharge: 'ultrafast', models: ['gpt-6-astra', 'gpt-6.1-sol'], factor: 6 },
  { provider: 'anthropic', surcharge: 'fast', models: ['claude-opus-4-6', 'claude-opus-4-7'], factor: 6 },
  { provider: 'anthropic', surcharge: 'fast', factor: 2 },
  { provider: 'anthropic', surcharge: 'us', factor: 1.1 },
  { provider: 'anthropic', surcharge: 'batch', factor: 0.5 },
  { provider: 'google', surcharge: 'priority', factor: 1.8 },
  { provider: 'google', surcharge: 'flex', factor: 0.5 },
  { provider: 'google', surcharge: 'batch', factor: 0.5 },
  // Claude on Google Cloud.
  { provider: 'google', surcharge: 'fast', factor: 2 },
  { provider: 'aws', surcharge: 'priority', factor: 1.75 },
  { provider: 'aws', surcharge: 'flex', factor: 0.5 },
];

/** Groq's flex tier costs what its standard tier does (console.groq.com/docs/service-tiers, 2026-11). */
const atStandardRates: Readonly<Record<string, readonly string[]>> = { groq: ['flex', 'performance'] };

/** The published factor of a service tier or regional surcharge for a model, or undefined where none is known. */
export function publishedFactor({
  provider,
  modelId,
  surcharge,
}: {
  /** The catalog's provider id. */
  readonly provider: string | undefined;
  readonly modelId: string;
  readonly surcharge: string;
}): number | undefined {
  if (provider === undefined) return undefined;
  if (atStandardRates[provider]?.includes(surcharge) === true) return 1;
  const owner = provider === 'azure' ? 'openai' : provider;
  return rows.find(
    row =>
      row.provider === owner &&
      row.surcharge === surcharge &&
      (row.models === undefined || row.models.some(as => isSameModel({ modelId, as }))),
  )?.factor;
}
