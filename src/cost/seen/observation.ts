import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { fieldOf } from '../usage/token-count.ts';
import { createToolCounter, type ToolCounter } from '../usage/tool-uses.ts';
import { createGeminiChunks, type GeminiChunks } from './gemini-chunks.ts';
import { mergeUsage } from './merge-usage.ts';
import { createTextSample, type TextSample } from './text-sample.ts';

type FinishPart = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

/** What was seen of one attempt so far. */
export type Seen = {
  finish: FinishPart | undefined;
  responseModelId: string | undefined;
  /** The provider's own usage as last seen on the wire, before or beside what its package reports. */
  wireUsage: unknown;
  /** True where that usage was sent before the output, so that its output count is only a start. */
  isWireUsageEarly: boolean;
  wireTier: unknown;
  /** The chunks of a Gemini stream; undefined for others. */
  gemini: GeminiChunks | undefined;
  rawChunks: number;
  rawUsages: number;
  hasOutput: boolean;
};

/** Watches one attempt; it holds a few numbers and a few thousand characters, however long the answer. */
export type Observation = {
  readonly observe: (part: LanguageModelV4StreamPart | LanguageModelV4Content) => void;
  readonly seen: Readonly<Seen>;
  readonly text: TextSample;
  readonly reasoning: TextSample;
  readonly tools: ToolCounter;
};

/** Makes an observation of one attempt. */
export function createObservation({
  callOptions,
}: {
  readonly callOptions: Pick<LanguageModelV4CallOptions, 'tools'>;
}): Observation {
  const text = createTextSample();
  const reasoning = createTextSample();
  const tools = createToolCounter(callOptions);
  /** Tool calls whose input came in deltas, until they come whole. */
  let streamedCalls: Set<string> | undefined;
  const seen: Seen = {
    finish: undefined,
    responseModelId: undefined,
    wireUsage: undefined,
    isWireUsageEarly: false,
    wireTier: undefined,
    gemini: undefined,
    rawChunks: 0,
    rawUsages: 0,
    hasOutput: false,
  };

  const observeRaw = (value: unknown) => {
    seen.rawChunks += 1;
    if ((fieldOf(value, 'candidates') ?? fieldOf(value, 'usageMetadata')) !== undefined) {
      seen.gemini ??= createGeminiChunks();
      seen.gemini.observe(value);
    }
    // Chat completions, and the variants of Moonshot, inside the choice, and of Groq, where the usage was not asked for
    // (console.groq.com/docs/api-reference, 2026-11); Gemini; OpenAI's response events.
    const choices = fieldOf(value, 'choices');
    const response = fieldOf(value, 'response');
    const found =
      fieldOf(value, 'usage') ??
      fieldOf(value, 'usageMetadata') ??
      fieldOf(response, 'usage') ??
      (Array.isArray(choices) ? fieldOf(choices[0], 'usage') : undefined) ??
      fieldOf(fieldOf(value, 'x_groq'), 'usage');
    // Anthropic's deltas are not whole usages; its own package puts them together.
    if (typeof found === 'object' && found !== null && fieldOf(value, 'type') !== 'message_delta') {
      seen.wireUsage = seen.gemini?.usage() ?? mergeUsage({ first: seen.wireUsage, last: found });
      seen.isWireUsageEarly = false;
      seen.rawUsages += 1;
    }
    seen.wireTier = fieldOf(value, 'service_tier') ?? fieldOf(response, 'service_tier') ?? seen.wireTier;
  };

  return {
    observe: part => {
      switch (part.type) {
        case 'text-delta':
          seen.hasOutput = true;
          text.add(part.delta);
          break;
        case 'reasoning-delta':
          seen.hasOutput = true;
          reasoning.add(part.delta);
          break;
        case 'tool-input-delta':
          seen.hasOutput = true;
          streamedCalls ??= new Set();
          streamedCalls.add(part.id);
          text.add(part.delta);
          break;
        case 'text':
          seen.hasOutput ||= part.text !== '';
          text.add(part.text);
          break;
        case 'reasoning':
          seen.hasOutput ||= part.text !== '';
          reasoning.add(part.text);
          break;
        case 'tool-call':
          seen.hasOutput = true;
          // A stream sends the input in deltas first; once is enough.
          if (!streamedCalls?.delete(part.toolCallId)) text.add(part.input);
          break;
        case 'tool-result':
          seen.hasOutput = true;
          tools.observe(part);
          break;
        case 'file':
          seen.hasOutput = true;
          break;
        case 'response-metadata':
          seen.responseModelId = part.modelId ?? seen.responseModelId;
          break;
        case 'custom':
          if (part.kind !== 'anthropic.message_start') break;
          seen.wireUsage = fieldOf(part.providerMetadata?.anthropic, 'usage');
          seen.isWireUsageEarly = true;
          break;
        case 'raw':
          observeRaw(part.rawValue);
          break;
        case 'finish':
          seen.finish = part;
          break;
        default:
          break;
      }
    },
    seen,
    text,
    reasoning,
    tools,
  };
}
