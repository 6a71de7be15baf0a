import { vendorOf } from '../price/provider-id.ts';
import { fieldOf } from './token-count.ts';

const neutral: ReadonlySet<string> = new Set([
  '',
  'auto',
  'default',
  'standard',
  'standard-only',
  'on-demand',
  'unspecified',
  'not-available',
  'global',
]);

/** The service tier a call asks for, as the package takes it or as a compatible one passes it on to the server. */
export function requestedTier({
  provider,
  providerOptions,
}: {
  readonly provider: string;
  readonly providerOptions: unknown;
}): unknown {
  return providerOptions === undefined ? undefined : tierIn(optionsOf({ provider, providerOptions }));
}

/** The service tier in the options of a provider. */
export function tierIn(options: unknown): unknown {
  return fieldOf(options, 'serviceTier') ?? fieldOf(options, 'service_tier');
}

/** Tells whether a tier is the standard service; one that is not named is. */
export function isStandardTier(tier: unknown): boolean {
  return canonical(tier) === undefined;
}

/** Other names under which a package takes options. */
const alsoReads: Readonly<Record<string, readonly string[]>> = {
  azure: ['openai'],
  google: ['googleVertex', 'vertex'],
  vertex: ['google'],
  'amazon-bedrock': ['amazonBedrock', 'bedrock'],
};

/**
 * The options a provider package reads: under the vendor's name, or under the name the user gave the provider, which
 * compatible packages also take in camel case.
 */
export function optionsOf({
  provider,
  providerOptions,
}: {
  readonly provider: string;
  readonly providerOptions: unknown;
}): unknown {
  const vendor = vendorOf(provider);
  const others = provider.includes('anthropic') ? ['anthropic'] : (alsoReads[vendor] ?? [camelCase(vendor)]);
  for (const name of [vendor, ...others]) {
    const options = fieldOf(providerOptions, name);
    if (options !== undefined) return options;
  }
  return undefined;
}

function camelCase(name: string): string {
  return name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The name of a tier or a surcharge as the tables have it; undefined for the standard service. */
export function canonical(value: unknown): string | undefined {
  if (!isText(value)) return undefined;
  const name = value
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(?:service-tier-|traffic-type-|on-demand-)/, '');
  return neutral.has(name) ? undefined : name;
}

/** True for a text that says something. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
