// What a strict project does with the types: what goes into the composite, and where it goes itself.
import { anthropicModelCatalog } from '@ai-sdk/anthropic/internal';
import { deepseek } from '@ai-sdk/deepseek';
import { getGoogleLanguageModelEntry } from '@ai-sdk/google/internal';
import { type OpenAILanguageModelResponsesOptions, openai } from '@ai-sdk/openai';
import { openaiModelCatalog } from '@ai-sdk/openai/internal';
import { togetherai } from '@ai-sdk/togetherai';
import {
  type AISDKError,
  createProviderRegistry,
  customProvider,
  generateText,
  type Instructions,
  isStepCount,
  type LanguageModel,
  type LanguageModelMiddleware,
  Output,
  streamText,
  ToolLoopAgent,
  tool,
  wrapLanguageModel,
} from 'ai';
import {
  addCosts,
  type CandidateInput,
  type CandidateSettings,
  type Classify,
  type CompositeProviderOptions,
  type CompositeSettings,
  type CostTotal,
  classifyByRules,
  classifyWithModel,
  compositeCost,
  compositeMetadata,
  compositeMiddleware,
  costMiddleware,
  createComposite,
  createCostTracker,
  type FallbackCondition,
  isKind,
  type OrderFunction,
  RouteExhaustedError,
  StreamInterruptedError,
} from 'ai-composite';
import * as z from 'zod';

const prompt = 'Say hello.';
const instructions: Instructions = { role: 'system', content: 'Be brief.' };
const tracker = createCostTracker();
const candidate: CandidateSettings = {
  model: openai('gpt-6-sol'),
  providerOptions: {
    openai: { store: false } satisfies OpenAILanguageModelResponsesOptions,
    anthropic: { thinking: { type: 'disabled' } },
  },
  settings: { toolChoice: { type: 'auto' }, reasoning: 'high' },
};
const candidates: ReadonlyArray<CandidateInput> = [deepseek('deepseek-chat'), candidate, 'openai/gpt-6-luna'];
const byLength: OrderFunction = ({ options, candidates }) =>
  options.prompt.length > 3 ? candidates.map(({ name }) => name).reverse() : [];
const ownMistake: FallbackCondition = ({ kind }) => (kind === 'invalid-request' ? false : undefined);
const classify: Classify<'code' | 'chat'> = ({ prompt, options }) =>
  prompt.at(-1)?.role === 'user' && options.tools === undefined ? 'chat' : undefined;
const settings: CompositeSettings<'code' | 'chat'> = {
  tasks: {
    code: candidates,
    chat: {
      candidates: [togetherai('meta-llama/Llama-3.3'), ...candidates],
      order: byLength,
      instructions,
      fallbackWhen: [ownMistake, isKind('auth')],
    },
  },
  classify,
  modelCatalogs: {
    openai: openaiModelCatalog,
    anthropic: anthropicModelCatalog,
    google: getGoogleLanguageModelEntry,
  },
  onAttemptEnd: ({ usage, cost }) => console.log(usage?.inputTokens.total, cost.usd),
  onCallEnd: tracker.onCallEnd,
};

const ai = createComposite(settings);
createComposite({
  tasks: { code: [deepseek('deepseek-chat')], chat: [openai('gpt-6-luna')] },
  classify: classifyWithModel(togetherai('small'), {
    tasks: { code: 'programs', chat: 'talk' },
    fallback: classifyByRules([{ task: 'code', tools: true }]),
  }),
});

const asModel: LanguageModel = ai;
const engine: LanguageModelMiddleware = compositeMiddleware(settings);
const middlewares: LanguageModelMiddleware[] = [costMiddleware(), engine];

/** Compiled, never run. */
export async function useEverywhere(): Promise<CostTotal> {
  const composite = { task: 'code', tags: { customer: 'acme' } } satisfies CompositeProviderOptions;
  const answer = await generateText({
    model: ai,
    prompt,
    providerOptions: { composite, openai: { store: false } },
    tools: { now: tool({ inputSchema: z.object({}), execute: async () => 'noon' }) },
    stopWhen: isStepCount(3),
  });
  const stream = streamText({ model: ai('chat'), prompt, output: Output.object({ schema: z.object({}) }) });
  console.log(
    compositeMetadata(answer)?.candidate,
    answer.steps.map(step => compositeMetadata(step)?.task),
  );
  console.log((await compositeMetadata(stream))?.attempts.length);

  const registry = createProviderRegistry({ composite: ai });
  const custom = customProvider({ languageModels: { chat: ai('chat') }, fallbackProvider: ai });
  const wrapped = wrapLanguageModel({ model: ai, middleware: middlewares });
  const nested = createComposite([ai, ai('code'), wrapped, registry.languageModel('composite:code')]);
  await new ToolLoopAgent({ model: nested, tools: {} }).generate({ prompt });
  for (const model of [asModel, wrapped, nested, custom.languageModel('chat')])
    await generateText({ model, prompt });
  globalThis.AI_SDK_DEFAULT_PROVIDER = ai;

  const plan = await ai.plan({ prompt: [{ role: 'user', content: [{ type: 'text', text: prompt }] }] });
  console.log(plan.steps.map(step => step.candidate));
  return addCosts([compositeCost(answer), await compositeCost(stream)]);
}

/** The errors are errors of the SDK. */
export function read(error: unknown): AISDKError | undefined {
  if (RouteExhaustedError.isInstance(error) || StreamInterruptedError.isInstance(error)) return error;
  return undefined;
}

// @ts-expect-error: an embedding model is no candidate
createComposite([openai.embedding('text-embedding-3-small')]);
// @ts-expect-error: nor is an image model
createComposite([openai.image('gpt-image-2')]);
// @ts-expect-error: nor a provider
createComposite([openai]);
// @ts-expect-error: there is no such task
ai('cdoe');
