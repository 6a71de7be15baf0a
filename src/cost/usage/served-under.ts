import { catalogProviderOf } from '../price/provider-id.ts';
import { canonical, isText, optionsOf, tierIn } from './requested-tier.ts';
import { fieldOf } from './token-count.ts';

/** Under which service tiers and regional surcharges a request was served. */
export type ServedUnder = {
  /** `priority`, `flex`, `batch`, `fast`, `us`, ...; empty for the standard service. */
  readonly names: readonly string[];
  /** True where only the request says so and the provider did not confirm it. */
  readonly isUnconfirmed: boolean;
};

const standard: ServedUnder = { names: [], isUnconfirmed: false };
/**
 * Reads the tier a request was served under. What was served wins over what was requested: a provider may serve less
 * than was asked for and then bills less.
 *
 * OpenAI Responses: `providerMetadata.openai.serviceTier`; chat completions name it beside the usage only. Google:
 * `providerMetadata.google.serviceTier`, on Vertex AI `trafficType` in the usage. Anthropic: `service_tier`, `speed`
 * and `inference_geo` in the usage. Bedrock: `providerMetadata.bedrock.serviceTier.type`.
 */
export function readServedUnder({
  provider,
  raw,
  providerMetadata,
  wireTier,
  providerOptions,
}: {
  readonly provider: string;
  readonly raw: unknown;
  readonly providerMetadata: unknown;
  /** `service_tier` as seen on the wire. */
  readonly wireTier: unknown;
  readonly providerOptions: unknown;
}): ServedUnder {
  const asked = providerOptions === undefined ? undefined : optionsOf({ provider, providerOptions });
  const tier =
    textIn(wireTier) ??
    metadataTier(providerMetadata) ??
    textIn(fieldOf(raw, 'service_tier')) ??
    textIn(fieldOf(raw, 'serviceTier')) ??
    textIn(fieldOf(raw, 'trafficType'));
  const speed = fieldOf(raw, 'speed');
  const geo = fieldOf(raw, 'inference_geo');
  const hasAnthropicFacts = speed !== undefined || geo !== undefined;
  // Most requests say nothing of the kind.
  if (tier === undefined && asked === undefined && !hasAnthropicFacts) return standard;

  const facts: Array<readonly [served: unknown, requested: unknown]> = [
    [renamed(tier), renamed(tierIn(asked))],
  ];
  if (hasAnthropicFacts || catalogProviderOf(provider) === 'anthropic')
    facts.push([speed, fieldOf(asked, 'speed')], [geo, fieldOf(asked, 'inferenceGeo')]);

  const names: string[] = [];
  let isUnconfirmed = false;
  for (const [served, requested] of facts) {
    const name = canonical(isText(served) ? served : requested);
    if (name === undefined) continue;
    names.push(name);
    if (!isText(served)) isUnconfirmed = true;
  }
  return names.length === 0 ? standard : { names, isUnconfirmed };
}

function textIn(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

function metadataTier(providerMetadata: unknown): string | undefined {
  if (typeof providerMetadata !== 'object' || providerMetadata === null) return undefined;
  for (const name in providerMetadata) {
    const metadata = fieldOf(providerMetadata, name);
    const tier = fieldOf(metadata, 'serviceTier') ?? fieldOf(metadata, 'service_tier');
    // Bedrock wraps it: `{ type: 'flex' }`.
    const text = isText(tier) ? tier : fieldOf(tier, 'type');
    if (isText(text)) return text;
  }
  return undefined;
}

/** OpenAI renamed its priority tier to fast; responses use either word. */
function renamed(tier: unknown): unknown {
  return typeof tier === 'string' && tier.toLowerCase() === 'fast' ? 'priority' : tier;
}
