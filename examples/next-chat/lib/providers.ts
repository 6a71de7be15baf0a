import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { demoSettings } from './demo/settings';
import type { ProviderName } from './provider-names';

const keys: Readonly<Record<ProviderName, string | undefined>> = {
  anthropic: process.env.ANTHROPIC_API_KEY,
  openai: process.env.OPENAI_API_KEY,
  google: process.env.GOOGLE_GENERATIVE_AI_API_KEY,
};

/** Without any key the app runs on a fault server of its own. */
export const isDemo = Object.values(keys).every(key => !key);

/** A provider without a key is left out. */
export const anthropic = create({ name: 'anthropic', from: createAnthropic });
export const openai = create({ name: 'openai', from: createOpenAI });
export const google = create({ name: 'google', from: createGoogle });

function create<PROVIDER>({
  name,
  from,
}: {
  readonly name: ProviderName;
  readonly from: (settings: Partial<ReturnType<typeof demoSettings>>) => PROVIDER;
}): PROVIDER | undefined {
  if (isDemo) return from(demoSettings(name));
  return keys[name] ? from({ apiKey: keys[name] }) : undefined;
}
