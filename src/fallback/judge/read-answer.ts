import type { LanguageModelV4Content, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { Attempt, FinishPart } from '../attempt.ts';
import type { JudgedAnswer, JudgedToolCall, Refusal } from '../conditions/judged-answer.ts';

/** What an answer consists of, generated or streamed to its finish, the reason as it was judged. */
export type WholeAnswer = {
  readonly content: ReadonlyArray<LanguageModelV4Content>;
  readonly finish: Pick<FinishPart, 'finishReason' | 'usage' | 'providerMetadata'>;
};

/** Reads a whole answer as judgements see it. */
export function readAnswer({
  attempt: { call, candidate, record },
  whole: {
    content,
    finish: { finishReason, usage, providerMetadata },
  },
}: {
  readonly attempt: Attempt;
  readonly whole: WholeAnswer;
}): JudgedAnswer {
  const reasoning = textOf({ content, type: 'reasoning' });
  return {
    text: textOf({ content, type: 'text' }),
    ...(reasoning !== '' && { reasoning }),
    toolCalls: content.flatMap(part => (part.type === 'tool-call' ? readToolCall(part) : [])),
    files: content.flatMap(part =>
      part.type === 'file' ? { mediaType: part.mediaType, data: part.data } : [],
    ),
    finishReason,
    ...(finishReason.unified === 'content-filter' && {
      refusal: readRefusal({ reason: finishReason.raw, providerMetadata }),
    }),
    usage,
    ...(providerMetadata !== undefined && { providerMetadata }),
    task: call.task,
    candidate: candidate.name,
    attemptNumber: record.attemptNumber,
  };
}

/** True where nobody could read or run anything of it. */
export function isBlank({ text, toolCalls, files }: JudgedAnswer): boolean {
  return toolCalls.length === 0 && files.length === 0 && text.trim() === '';
}

function textOf({
  content,
  type,
}: {
  readonly content: WholeAnswer['content'];
  readonly type: 'text' | 'reasoning';
}): string {
  return content.map(part => (part.type === type ? part.text : '')).join('');
}

function readToolCall({
  toolCallId,
  toolName,
  input,
  providerExecuted,
}: Extract<LanguageModelV4Content, { type: 'tool-call' }>): JudgedToolCall {
  const own = { toolCallId, toolName, ...(providerExecuted === true && { providerExecuted }) };
  try {
    // As the SDK reads it.
    return { ...own, input: JSON.parse(input.trim() === '' ? '{}' : input) };
  } catch {
    return { ...own, input, unparsable: true };
  }
}

/** Under which names packages tell more of a refusal. Seen in November 2026: @ai-sdk/anthropic 4.0.105, @ai-sdk/google 4.0.121. */
const detailNames = ['stopDetails', 'promptFeedback', 'safetyRatings', 'finishMessage'] as const;

type Details = Record<string, NonNullable<Refusal['details']>[string]>;

function readRefusal({
  reason,
  providerMetadata = {},
}: {
  readonly reason: string | undefined;
  readonly providerMetadata: SharedV4ProviderMetadata | undefined;
}): Refusal {
  const details: Details = {};
  for (const own of Object.values(providerMetadata))
    for (const name of detailNames) {
      const detail = own?.[name];
      if (detail !== undefined && detail !== null) details[name] = detail;
    }
  const { stopDetails, promptFeedback, finishMessage } = details;
  const category =
    wordIn({ of: stopDetails, name: 'category' }) ?? wordIn({ of: promptFeedback, name: 'blockReason' });
  const explanation =
    wordIn({ of: stopDetails, name: 'explanation' }) ??
    (typeof finishMessage === 'string' ? finishMessage : undefined);
  return {
    ...(reason !== undefined && { reason }),
    ...(category !== undefined && { category }),
    ...(explanation !== undefined && { explanation }),
    ...(Object.keys(details).length > 0 && { details }),
  };
}

function wordIn({ of, name }: { readonly of: unknown; readonly name: string }): string | undefined {
  const value: unknown = typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}
