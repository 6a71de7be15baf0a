// What the examples in docstrings take for granted. They are compiled and not run, so most of it is only declared.

import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { TextStreamPart, ToolSet } from 'ai';
import type { Cost, StateStore } from 'ai-composite';
import type { Account } from 'ai-composite/testing';
import type { CompositeMessageMetadataCallback } from 'ai-composite/ui';
import type * as z from 'zod';

export { createOpenAI, openai } from '@ai-sdk/openai';
export {
  createUIMessageStreamResponse,
  generateObject,
  generateText,
  toUIMessageStream,
  wrapLanguageModel,
} from 'ai';
export type { Price } from 'ai-composite';
export {
  addCosts,
  all,
  any,
  classifyByExamples,
  classifyByRules,
  classifyWithDecision,
  classifyWithModel,
  compositeCost,
  compositeMiddleware,
  costMiddleware,
  createComposite,
  createCostTracker,
  createPriceCatalog,
  formatUsd,
  isAnswer,
  isCutByLength,
  isEmptyAnswer,
  isRefusal,
  memoryState,
  not,
} from 'ai-composite';
export { openLedger } from 'ai-composite/ledger';
export { logObserver } from 'ai-composite/log';
export { otelObserver } from 'ai-composite/otel';
export { postgresState } from 'ai-composite/postgres';
export { redisState } from 'ai-composite/redis';
export { resumableFetch } from 'ai-composite/resume';
export type { Answer, Fault } from 'ai-composite/testing';
export { createFaultServer, createGate, fault, respond, stateStoreCases } from 'ai-composite/testing';
export { compositeMessageMetadata, errorsLast } from 'ai-composite/ui';
export { pino } from 'pino';
export { test } from 'vitest';
export { readModelPath } from '../../src/cost/catalog/model-path.ts';
export { Redis } from '../examples/stand-ins/ioredis.ts';
export { Pool } from '../examples/stand-ins/pg.ts';

type Model = LanguageModelV4;

export declare const ai: Model & ((task: string) => Model);
export declare const primary: Model;
export declare const backup: Model;
export declare const claude: Model;
export declare const gpt: Model;
export declare const gemini: Model;
export declare const mini: Model;
export declare const modelWith: (key: string) => Model;
export declare const tasks: { readonly chat: ReadonlyArray<Model> };
export declare const prompt: string;
export declare const schema: z.ZodType<{ readonly name: string }>;
export declare const first: { readonly cost: Cost };
export declare const second: { readonly cost: Cost };
export declare const account: Account;
export declare const myStore: StateStore;
export declare const stream: ReadableStream<TextStreamPart<ToolSet>>;
export declare const result: { readonly stream: typeof stream };
export declare const messageMetadata: CompositeMessageMetadataCallback;
