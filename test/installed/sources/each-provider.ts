// Asks a model of each provider package: its server is overloaded once, then answers, whole and as a stream. Where a package
// speaks a protocol that the loopback server does not, only its name and its price are looked at.
import { createAlibaba } from '@ai-sdk/alibaba';
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createAzure } from '@ai-sdk/azure';
import { createCerebras } from '@ai-sdk/cerebras';
import { createCohere } from '@ai-sdk/cohere';
import { createDeepInfra } from '@ai-sdk/deepinfra';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { createFireworks } from '@ai-sdk/fireworks';
import { createGoogle } from '@ai-sdk/google';
import { createGoogleVertex } from '@ai-sdk/google-vertex';
import { createGroq } from '@ai-sdk/groq';
import { createMistral } from '@ai-sdk/mistral';
import { createMoonshotAI } from '@ai-sdk/moonshotai';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createPerplexity } from '@ai-sdk/perplexity';
import { createTogetherAI } from '@ai-sdk/togetherai';
import { createXai } from '@ai-sdk/xai';
import { generateText, streamText } from 'ai';
import {
  type CandidateInput,
  type CompositeModel,
  compositeMetadata,
  createComposite,
  createPriceCatalog,
} from 'ai-composite';
import { createFaultServer, respond } from 'ai-composite/testing';

const server = await createFaultServer();
const apiKey = 'test';
const at = (name: string) => ({ baseURL: server.account(name).baseUrl, apiKey });
const prompt = 'Say hello.';

/** Each with a model that its provider serves in November 2026. */
const models: Readonly<Record<string, CandidateInput>> = {
  alibaba: createAlibaba(at('alibaba'))('qwen3-max'),
  'amazon-bedrock': createAmazonBedrock({ region: 'us-east-1', apiKey })('anthropic.claude-sonnet-5-v1:0'),
  anthropic: createAnthropic(at('anthropic'))('claude-sonnet-5-5'),
  azure: createAzure(at('azure'))('my-deployment'),
  cerebras: createCerebras(at('cerebras'))('gpt-oss-120b'),
  cohere: createCohere(at('cohere'))('command-a-03-2025'),
  deepinfra: createDeepInfra(at('deepinfra'))('meta-llama/Llama-3.3-70B-Instruct'),
  deepseek: createDeepSeek(at('deepseek'))('deepseek-v4-pro'),
  fireworks: createFireworks(at('fireworks'))('accounts/fireworks/models/kimi-k2-instruct'),
  google: createGoogle(at('google'))('gemini-3.8-flash'),
  'google-vertex': createGoogleVertex(at('google-vertex'))('gemini-3.8-flash'),
  groq: createGroq(at('groq'))('openai/gpt-oss-120b'),
  mistral: createMistral(at('mistral'))('mistral-large-latest'),
  moonshotai: createMoonshotAI(at('moonshotai'))('kimi-k3'),
  openai: createOpenAI(at('openai'))('gpt-6.2-sol'),
  'openai-compatible ollama': createOpenAICompatible({ name: 'ollama', ...at('ollama'), includeUsage: true })(
    'qwen3:8b',
  ),
  'openai-compatible ofox': createOpenAICompatible({ name: 'ofox', ...at('ofox'), includeUsage: true })(
    'anthropic/claude-sonnet-5',
  ),
  perplexity: createPerplexity(at('perplexity'))('sonar-pro'),
  togetherai: createTogetherAI(at('togetherai'))('meta-llama/Llama-3.3-70B-Instruct-Turbo'),
  xai: createXai(at('xai'))('grok-4.7'),
  gateway: 'openai/gpt-6-sol',
};
/** What the server has no words for. */
const unspoken: ReadonlySet<string> = new Set(['amazon-bedrock', 'cohere', 'gateway']);

const catalog = createPriceCatalog();
for (const [name, model] of Object.entries(models)) {
  const account = name.split(' ').at(-1) ?? name;
  server.account(account).script([respond.error({ kind: 'overloaded' }), respond.answer({ text: 'Hello.' })]);
  const ai = createComposite([model], {
    retry: { initialDelayMs: 1 },
    pricing: { catalog, onWarning: () => {} },
  });
  const [step] = (await ai.plan({ prompt })).steps;
  const ran = unspoken.has(account) ? 'not run' : await ask(ai);
  const found = await catalog.lookUp({ provider: step?.provider ?? '', modelId: step?.modelId ?? '' });
  console.log([step?.candidate, ran, priceOf(found)].join(' | '));
}
await server.close();

/** What became of two calls: the second attempt answers the first one, and a stream the other. */
async function ask(ai: CompositeModel<'default'>): Promise<string> {
  const whole = await generateText({ model: ai, prompt });
  const kinds = compositeMetadata(whole)?.attempts.map(attempt => attempt.failureKind ?? attempt.outcome);
  const said = [...(kinds ?? []), whole.text, await streamText({ model: ai, prompt }).text].join(' ');
  return said === 'overloaded success Hello. Hello.' ? 'retried, answered, streamed' : said;
}

/** How the price was found, where one was. */
function priceOf(found: Awaited<ReturnType<typeof catalog.lookUp>>): string {
  if (found.price === undefined) return 'yours to set';
  const isInferred = found.flags.some(flag => flag === 'price-inferred' || flag === 'vendor-list-price');
  return isInferred ? 'estimated' : 'listed';
}
