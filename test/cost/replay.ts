import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import {
  type Cost,
  type CostMiddlewareSettings,
  type CostWarning,
  costMiddleware,
} from '../../src/cost/index.ts';

/** A moment the bundled prices hold for; a Monday outside DeepSeek's peak hours. */
export const now = Date.parse('2026-11-23T12:00:00Z');

/** What a server sends: one JSON document, and the same answer as server-sent events. */
export type Answer = {
  readonly json: unknown;
  readonly events: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** Which provider package speaks to it. */
export type Package = 'responses' | 'chat' | 'anthropic' | 'google' | 'interactions' | `compatible:${string}`;

export type Replay = {
  readonly package: Package;
  readonly modelId: string;
  readonly answer: Answer;
  readonly settings?: CostMiddlewareSettings;
  readonly options?: Partial<LanguageModelV4CallOptions>;
  readonly includeUsage?: boolean;
};

/** What a run left behind. */
export type Outcome = {
  readonly cost: Cost;
  readonly warnings: readonly CostWarning[];
  readonly parts: readonly LanguageModelV4StreamPart[];
};

const prompt: LanguageModelV4CallOptions['prompt'] = [
  { role: 'user', content: [{ type: 'text', text: 'Is it sunny in Paris?' }] },
];

/** Sends a request through the real provider package to a canned answer, and returns the cost that was reported. */
export async function replay({
  mode,
  ...run
}: Replay & { readonly mode: 'generate' | 'stream' }): Promise<Outcome> {
  const warnings: CostWarning[] = [];
  const costs: Cost[] = [];
  const middleware = costMiddleware({
    now: () => now,
    onWarning: warning => warnings.push(warning),
    onCost: cost => costs.push(cost),
    ...run.settings,
  });
  const model = wrapLanguageModel({ model: modelOf(run), middleware });
  const options = { prompt, ...run.options };
  const parts: LanguageModelV4StreamPart[] = [];
  if (mode === 'generate') await model.doGenerate(options);
  else for await (const part of (await model.doStream(options)).stream) parts.push(part);
  const [cost] = costs;
  if (cost === undefined || costs.length > 1) throw new Error(`expected one cost, got ${costs.length}`);
  return { cost, warnings, parts };
}

/** The model of a provider package, answered from memory. */
export function modelOf({ package: name, modelId, answer, includeUsage = true }: Replay) {
  const fetch = answering(answer);
  const base = { apiKey: 'test', fetch };
  if (name === 'responses') return createOpenAI(base).responses(modelId);
  if (name === 'chat') return createOpenAI(base).chat(modelId);
  if (name === 'anthropic') return createAnthropic(base)(modelId);
  if (name === 'google') return createGoogle(base)(modelId);
  if (name === 'interactions') return createGoogle(base).interactions(modelId);
  return createOpenAICompatible({
    ...base,
    name: name.slice('compatible:'.length),
    baseURL: 'http://127.0.0.1/v1',
    includeUsage,
  })(modelId);
}

/** A `fetch` that gives an answer, as it was asked for. */
export function answering({ json, events, headers }: Answer): typeof globalThis.fetch {
  return async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : {};
    const isStream =
      url.includes('streamGenerateContent') ||
      (typeof body === 'object' && body !== null && Reflect.get(body, 'stream') === true);
    if (!isStream)
      return new Response(JSON.stringify(json), {
        headers: { ...headers, 'content-type': 'application/json' },
      });
    const text = events.map(event => `${eventName(event)}data: ${JSON.stringify(event)}\n\n`).join('');
    return new Response(text, { headers: { ...headers, 'content-type': 'text/event-stream' } });
  };
}

function eventName(event: unknown): string {
  const type: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'type') : undefined;
  return typeof type === 'string' ? `event: ${type}\n` : '';
}
