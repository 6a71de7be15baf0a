import { existsSync } from 'node:fs';
import { createGoogle, type GoogleProvider } from '@ai-sdk/google';
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import type { Prices } from 'ai-composite';
import * as z from 'zod';
import { type Simulators, simulatorKey, startSimulators } from './simulators.ts';

/** The three providers of the examples; one without a key is left out. */
export type Providers = {
  readonly openai?: OpenAIProvider;
  /** Claude, through an OpenAI-compatible service. */
  readonly ofox?: OpenAICompatibleProvider;
  readonly google?: GoogleProvider;
  /** Only where no key was found. */
  readonly simulators?: Simulators;
  /** One line for the reader: what the answers come from. */
  readonly description: string;
  readonly close: () => Promise<void>;
};

/** The price catalog does not list ofox; these are Anthropic's list prices of November 2026, so put your account's here. */
export const ofoxPrices: Prices = {
  'ofox/anthropic/claude-sonnet-5': { inputTokens: 2, outputTokens: 10, cacheReadTokens: 0.2 },
  'ofox/anthropic/claude-opus-5.5': { inputTokens: 4, outputTokens: 20, cacheReadTokens: 0.2 },
};

const key = z.string().trim().min(1).optional().catch(undefined);
/** Google's own name for its key, and the one that its provider package reads. */
const googleKeys = { GEMINI_API_KEY: key, GOOGLE_GENERATIVE_AI_API_KEY: key };
const environment = z.object({ OPENAI_API_KEY: key, OFOX_API_KEY: key, ...googleKeys });

/** The real services of the keys in the environment and in `.env`; local simulators where there is no key at all. */
export async function openProviders(): Promise<Providers> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const keys = environment.parse(process.env);
  const { OPENAI_API_KEY, OFOX_API_KEY } = keys;
  const googleKey = keys.GEMINI_API_KEY ?? keys.GOOGLE_GENERATIVE_AI_API_KEY;
  const names = Object.entries(keys).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length === 0) return simulate();
  return {
    ...(OPENAI_API_KEY !== undefined && { openai: createOpenAI({ apiKey: OPENAI_API_KEY }) }),
    ...(OFOX_API_KEY !== undefined && {
      ofox: openOfox({ baseURL: 'https://api.ofox.ai/v1', apiKey: OFOX_API_KEY }),
    }),
    ...(googleKey !== undefined && { google: createGoogle({ apiKey: googleKey }) }),
    description: `Real services, by ${names.join(', ')}. These calls cost money.`,
    close: async () => {},
  };
}

/** Without `includeUsage` a compatible service sends no token counts with a stream, and a cost could only be estimated. */
export function openOfox({
  baseURL,
  apiKey,
}: {
  readonly baseURL: string;
  readonly apiKey: string;
}): OpenAICompatibleProvider {
  return createOpenAICompatible({ name: 'ofox', baseURL, apiKey, includeUsage: true });
}

async function simulate(): Promise<Providers> {
  const simulators = await startSimulators();
  const { openaiUrl, geminiUrl, stop } = simulators;
  return {
    openai: createOpenAI({ baseURL: openaiUrl, apiKey: simulatorKey }),
    ofox: openOfox({ baseURL: openaiUrl, apiKey: simulatorKey }),
    google: createGoogle({ baseURL: geminiUrl, apiKey: simulatorKey }),
    simulators,
    description:
      'No OPENAI_API_KEY, OFOX_API_KEY or GEMINI_API_KEY: local simulators answer, no model runs, nothing is billed.',
    close: stop,
  };
}

/** Leaves out the models of providers that are not there. */
export function available<MODEL>(models: ReadonlyArray<MODEL | undefined>): ReadonlyArray<MODEL> {
  return models.filter(model => model !== undefined);
}
