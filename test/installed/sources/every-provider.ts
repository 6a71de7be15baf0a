// One model of each provider package of the AI SDK, each as the first candidate of a composite.
import { alibaba } from '@ai-sdk/alibaba';
import { amazonBedrock } from '@ai-sdk/amazon-bedrock';
import { anthropic } from '@ai-sdk/anthropic';
import { azure } from '@ai-sdk/azure';
import { cerebras } from '@ai-sdk/cerebras';
import { cohere } from '@ai-sdk/cohere';
import { deepinfra } from '@ai-sdk/deepinfra';
import { deepseek } from '@ai-sdk/deepseek';
import { fireworks } from '@ai-sdk/fireworks';
import { google } from '@ai-sdk/google';
import { googleVertex } from '@ai-sdk/google-vertex';
import { groq } from '@ai-sdk/groq';
import { mistral } from '@ai-sdk/mistral';
import { moonshotai } from '@ai-sdk/moonshotai';
import { openai } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { perplexity } from '@ai-sdk/perplexity';
import { togetherai } from '@ai-sdk/togetherai';
import { xai } from '@ai-sdk/xai';
import { type CandidateInput, createComposite } from 'ai-composite';

const compatible = createOpenAICompatible({ name: 'ofox', baseURL: 'http://127.0.0.1:8/v1' });

export const composites = [
  createComposite([alibaba('qwen-max'), openai('gpt-6-sol')]),
  createComposite([amazonBedrock('anthropic.claude-sonnet-5'), openai('gpt-6-sol')]),
  createComposite([anthropic('claude-sonnet-5'), openai('gpt-6-sol')]),
  createComposite([azure('my-deployment'), openai('gpt-6-sol')]),
  createComposite([cerebras('gpt-oss-120b'), openai('gpt-6-sol')]),
  createComposite([cohere('command-a'), openai('gpt-6-sol')]),
  createComposite([deepinfra('meta-llama/Llama-3.3'), openai('gpt-6-sol')]),
  createComposite([deepseek('deepseek-chat'), openai('gpt-6-sol')]),
  createComposite([fireworks('accounts/fireworks/models/kimi'), openai('gpt-6-sol')]),
  createComposite([google('gemini-3.8-flash'), openai('gpt-6-sol')]),
  createComposite([googleVertex('gemini-3.8-flash'), openai('gpt-6-sol')]),
  createComposite([groq('llama-3.3-70b'), openai('gpt-6-sol')]),
  createComposite([mistral('mistral-large-latest'), openai('gpt-6-sol')]),
  createComposite([moonshotai('kimi-k2'), openai('gpt-6-sol')]),
  createComposite([openai('gpt-6-luna'), openai('gpt-6-sol')]),
  createComposite([compatible('anthropic/claude-sonnet-5'), openai('gpt-6-sol')]),
  createComposite([perplexity('sonar'), openai('gpt-6-sol')]),
  createComposite([togetherai('meta-llama/Llama-3.3'), openai('gpt-6-sol')]),
  createComposite([xai('grok-4'), openai('gpt-6-sol')]),
];

/** All of them in one list, and with settings. */
export const list: ReadonlyArray<CandidateInput> = [
  alibaba('qwen-max'),
  { model: amazonBedrock('anthropic.claude-sonnet-5'), name: 'bedrock' },
  { model: deepseek('deepseek-chat'), attempts: 1 },
  openai('gpt-6-sol'),
  xai('grok-4'),
];
