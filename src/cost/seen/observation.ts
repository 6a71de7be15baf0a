import type { LanguageModelV4Content, LanguageModelV4StreamPart } from '../../provider/sdk-types.ts';
import { fieldOf } from '../usage/token-count.ts';
import { createGeminiChunks, type GeminiChunks } from './gemini-chunks.ts';
import { mergeUsage } from './merge-usage.ts';

type Part = LanguageModelV4StreamPart | LanguageModelV4Content;
type ToolResult = Extract<Part, { type: 'tool-result' }>;
type FinishPart = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

/** Enough of a text to estimate its tokens: how long it was, in UTF-16 units, and its beginning. */
export type TextSample = { sample: string; length: number };

/** What a tool that the provider ran gave back, as far as it may be billed. */
export type SeenToolResult = {
  readonly toolName: string;
  readonly isError: boolean;
  /** The type of the action, such as `search` or `open_page`; undefined where there is no action. */
  readonly action: unknown;
};

/** What was seen of one attempt so far: a few numbers and a few thousand characters, however long the answer. */
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
  readonly text: TextSample;
  readonly reasoning: TextSample;
  toolResults: SeenToolResult[] | undefined;
  /** Tool calls whose input came in deltas, until they come whole. */
  streamedCalls: Set<string> | undefined;
};

/** Begins with nothing seen. */
export function nothingSeen(): Seen {
  return {
    finish: undefined,
    responseModelId: undefined,
    wireUsage: undefined,
    isWireUsageEarly: false,
    wireTier: undefined,
    gemini: undefined,
    rawChunks: 0,
    rawUsages: 0,
    hasOutput: false,
    text: { sample: '', length: 0 },
    reasoning: { sample: '', length: 0 },
    toolResults: undefined,
    streamedCalls: undefined,
  };
}

/** Takes one part of a stream, or of a generate result's content, into what was seen. */
export function observe({ seen, part }: { readonly seen: Seen; readonly part: Part }): void {
  switch (part.type) {
    case 'text-delta':
      seen.hasOutput = true;
      addText({ to: seen.text, text: part.delta });
      return;
    case 'reasoning-delta':
      seen.hasOutput = true;
      addText({ to: seen.reasoning, text: part.delta });
      return;
    case 'tool-input-delta':
      seen.hasOutput = true;
      seen.streamedCalls ??= new Set();
      seen.streamedCalls.add(part.id);
      addText({ to: seen.text, text: part.delta });
      return;
    case 'text':
    case 'reasoning':
      seen.hasOutput ||= part.text !== '';
      addText({ to: seen[part.type], text: part.text });
      return;
    case 'tool-call':
      seen.hasOutput = true;
      // A stream sends the input in deltas first; once is enough.
      if (!seen.streamedCalls?.delete(part.toolCallId)) addText({ to: seen.text, text: part.input });
      return;
    case 'tool-result':
      seen.hasOutput = true;
      addToolResult({ seen, part });
      return;
    case 'file':
      seen.hasOutput = true;
      return;
    case 'response-metadata':
      seen.responseModelId = part.modelId ?? seen.responseModelId;
      return;
    case 'custom':
      if (part.kind !== 'anthropic.message_start') return;
      seen.wireUsage = fieldOf(part.providerMetadata?.anthropic, 'usage');
      seen.isWireUsageEarly = true;
      return;
    case 'raw':
      observeRaw({ seen, value: part.rawValue });
      return;
    case 'finish':
      seen.finish = part;
      return;
    default:
  }
}

const sampleLength = 1_024;

/** At most two thousand characters are held: a stream must not be kept to learn what it cost. */
function addText({ to, text }: { readonly to: TextSample; readonly text: string }): void {
  to.length += text.length;
  if (to.sample.length < sampleLength)
    to.sample += text.length <= sampleLength ? text : text.slice(0, sampleLength);
}

function addToolResult({
  seen,
  part: { toolName, result, isError, preliminary },
}: {
  readonly seen: Seen;
  readonly part: ToolResult;
}): void {
  // Partial images come before the result they are part of.
  if (preliminary === true) return;
  const action = fieldOf(result, 'action');
  seen.toolResults ??= [];
  seen.toolResults.push({
    toolName,
    isError: isError === true,
    action: action === undefined ? undefined : (fieldOf(action, 'type') ?? ''),
  });
}

function observeRaw({ seen, value }: { readonly seen: Seen; readonly value: unknown }): void {
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
}
