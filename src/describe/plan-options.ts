import { generateText } from 'ai';
import { refuse } from '../boundary/check.ts';
import { defined } from '../boundary/defined.ts';
import type { LanguageModelV4, LanguageModelV4CallOptions } from '../provider/sdk-types.ts';

type SdkOptions = Omit<Parameters<typeof generateText>[0], 'model'>;

/** Tools of any input; the SDK types them by what they are called with, which a plan never does. */
type SdkTools = {
  readonly tools?: Readonly<Record<string, object>> | undefined;
  readonly toolChoice?:
    | 'auto'
    | 'none'
    | 'required'
    | { readonly type: 'tool'; readonly toolName: string }
    | undefined;
  readonly activeTools?: ReadonlyArray<string> | undefined;
};

/** A call to be planned: as `generateText` takes it, or as models do. */
export type PlanOptions =
  | LanguageModelV4CallOptions
  // Of the keys that the installed `ai` has.
  | (Pick<SdkOptions, Exclude<Extract<keyof SdkOptions, (typeof asked)[number]>, keyof SdkTools>> & SdkTools);

/** What of a call says something about its route; the rest of `generateText`'s options runs tools, steps and callbacks. */
const asked = [
  'prompt',
  'messages',
  'instructions',
  'system',
  'allowSystemInMessages',
  'tools',
  'toolChoice',
  'activeTools',
  'output',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'stopSequences',
  'seed',
  'reasoning',
  'headers',
  'providerOptions',
] as const satisfies ReadonlyArray<keyof SdkOptions>;

/** Turns a call into the options that a model would get of it. Throws `InvalidArgumentError` where it has no prompt. */
export async function toCallOptions(options: PlanOptions): Promise<LanguageModelV4CallOptions> {
  checkOptions(options);
  if (isForModels(options)) return options;
  checkPrompt(options);
  const picked = pick({ options, keys: asked });
  // Tools as models take them need no more conversion, and `generateText` would not understand them.
  const { tools, toolChoice, ...others } = picked;
  const converted = await convert(Array.isArray(tools) ? others : picked);
  const asIs = pick({ options, keys: ['responseFormat', 'abortSignal'] });
  return { ...converted, ...asIs, ...(Array.isArray(tools) && defined({ tools, toolChoice })) };
}

function pick({
  options,
  keys,
}: {
  readonly options: object;
  readonly keys: ReadonlyArray<string>;
}): Readonly<Record<string, unknown>> {
  return defined(Object.fromEntries(keys.map((key): [string, unknown] => [key, Reflect.get(options, key)])));
}

/** Has the SDK convert a call for a model that only looks at it. */
async function convert(options: object): Promise<LanguageModelV4CallOptions> {
  let seen: LanguageModelV4CallOptions | undefined;
  const observer: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'composite',
    modelId: 'plan',
    // Nothing is downloaded for a plan.
    supportedUrls: { '*/*': [/^/] },
    doGenerate: async own => {
      seen = own;
      throw new Error('A plan asks nobody.');
    },
    doStream: async () => {
      throw new Error('A plan asks nobody.');
    },
  };
  try {
    // What is wrong with the options the SDK says itself.
    const request = { ...options, model: observer, maxRetries: 0, telemetry: { isEnabled: false } };
    await generateText(request as Parameters<typeof generateText>[0]);
  } catch (error) {
    if (seen === undefined) throw error;
  }
  // The line above throws, or the observer has seen the options.
  return seen ?? { prompt: [] };
}

/** Tells options as models take them from those of `generateText`, whose messages look much alike. */
function isForModels(options: PlanOptions): options is LanguageModelV4CallOptions {
  const { prompt, tools } = options;
  const hasSdkOptions = (['messages', 'instructions', 'system', 'output'] as const).some(
    key => key in options && Reflect.get(options, key) !== undefined,
  );
  if (hasSdkOptions || (tools !== undefined && !Array.isArray(tools))) return false;
  return Array.isArray(prompt) && prompt.every(isModelMessage);
}

function isModelMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || !('role' in message && 'content' in message))
    return false;
  if (message.role === 'system') return typeof message.content === 'string';
  return Array.isArray(message.content) && message.content.every(isModelPart);
}

/** Models take images as files, and tag what the data of a file is. */
function isModelPart(part: unknown): boolean {
  if (typeof part !== 'object' || part === null || !('type' in part) || part.type === 'image') return false;
  if (part.type !== 'file' || !('data' in part)) return true;
  return typeof part.data === 'object' && part.data !== null && 'type' in part.data;
}

/** A text alone is what people try first. */
function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    refuse({
      path: ['plan'],
      value: options,
      problem: 'takes the options of a call, such as ai.plan({ prompt: "Hi" })',
    });
}

function checkPrompt(options: PlanOptions): void {
  const messages: unknown = Reflect.get(options, 'messages');
  const { prompt } = options;
  if (messages === undefined ? typeof prompt === 'string' || Array.isArray(prompt) : Array.isArray(messages))
    return;
  const value: unknown = messages ?? prompt;
  refuse({
    path: [messages === undefined ? 'prompt' : 'messages'],
    value: value === undefined || value === null ? value : typeof value,
    problem:
      'must be a text or a list of messages, as generateText or a model takes them, such as ai.plan({ prompt: "Hi" })',
  });
}
