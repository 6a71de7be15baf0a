/**
 * Text in the pieces the model produces it in: each piece travels as one streamed delta. A plain string is one piece.
 */
export type Pieces = string | readonly string[];

/** Why the scripted model stops, in the words of the AI SDK. */
export type AnswerFinish = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/**
 * Token counts of a scripted answer. `inputTokens` includes the cached ones and `outputTokens` includes the reasoning
 * ones; every protocol gets them the way its provider counts (Anthropic excludes cached tokens, Gemini excludes thoughts).
 */
export type AnswerUsage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
};

/** One tool call of a scripted answer. An object as `input` is serialized and split into three pieces. */
export type AnswerToolCall = {
  readonly toolName: string;
  readonly input: Pieces | Readonly<Record<string, unknown>>;
  readonly toolCallId?: string;
};

/**
 * What a scripted model answers, in words that belong to no protocol. The same answer can be sent as OpenAI Responses,
 * chat completions, Gemini or Anthropic Messages, streamed or not.
 *
 * @example
 * const answer: Answer = { reasoning: 'Hm.', text: ['Hel', 'lo'], usage: { inputTokens: 9, outputTokens: 2 } };
 */
export type Answer = {
  /** Visible reasoning. An empty list makes a reasoning block without text, as providers send when they hide it. */
  readonly reasoning?: Pieces;
  /** Signature (Anthropic, Gemini) or encrypted content (OpenAI) of the reasoning. Default: one naming the account. */
  readonly signature?: string;
  readonly text?: Pieces;
  /** Text in the `refusal` field of the two OpenAI protocols; plain text in the others. */
  readonly refusal?: Pieces;
  readonly toolCalls?: readonly AnswerToolCall[];
  /** Default: `tool-calls` when there are any, else `stop`. */
  readonly finish?: AnswerFinish;
  /** The provider's own word for the finish, sent as it is (`MALFORMED_FUNCTION_CALL`, `pause_turn`, ...). */
  readonly rawFinish?: string;
  /** The prompt itself is refused: Gemini's `promptFeedback.blockReason`; elsewhere a content filter with no output. */
  readonly blockReason?: string;
  /** Default: 10 input tokens and one output token per piece. `null` leaves the usage out, where Anthropic's own client refuses the answer. */
  readonly usage?: AnswerUsage | null;
  /** Default: the model the request names. `null` leaves it out. */
  readonly model?: string | null;
};

/** An {@link Answer} with every default filled in: what the protocols render. */
export type CompleteAnswer = {
  readonly reasoning: readonly string[] | undefined;
  readonly signature: string;
  readonly text: readonly string[];
  readonly refusal: readonly string[];
  readonly toolCalls: readonly CompleteToolCall[];
  readonly finish: AnswerFinish;
  readonly rawFinish: string | undefined;
  readonly blockReason: string | undefined;
  readonly usage: Required<AnswerUsage> | undefined;
  readonly model: string | undefined;
};

/** A tool call whose input is already cut into pieces. */
export type CompleteToolCall = {
  readonly toolName: string;
  readonly toolCallId: string;
  readonly pieces: readonly string[];
};

/** Fills in the defaults of an answer. `tag` names account and request, so that ids tell who made them. */
export function completeAnswer({
  answer,
  requestedModel,
  tag,
}: {
  answer: Answer;
  requestedModel: string;
  tag: string;
}): CompleteAnswer {
  const reasoning = answer.reasoning === undefined ? undefined : toPieces(answer.reasoning);
  const text = toPieces(answer.text ?? []);
  const refusal = toPieces(answer.refusal ?? []);
  const toolCalls = (answer.toolCalls ?? []).map((call, index) => ({
    toolName: call.toolName,
    toolCallId: call.toolCallId ?? `call_${tag}_${index}`,
    pieces: toolInputPieces(call.input),
  }));
  const pieceCount = [reasoning ?? [], text, refusal, ...toolCalls.map(call => call.pieces)].flat().length;
  return {
    reasoning,
    signature: answer.signature ?? `signature_${tag}`,
    text,
    refusal,
    toolCalls,
    finish: answer.finish ?? defaultFinish({ answer }),
    rawFinish: answer.rawFinish,
    blockReason: answer.blockReason,
    usage:
      answer.usage === null
        ? undefined
        : { ...noDetails, ...(answer.usage ?? { inputTokens: 10, outputTokens: pieceCount }) },
    model: answer.model === null ? undefined : (answer.model ?? requestedModel),
  };
}

/** Makes `count` distinct pieces, each padded to `bytes` bytes when given: long answers without long literals. */
export function pieces({ count, bytes = 0 }: { count: number; bytes?: number }): readonly string[] {
  return Array.from({ length: count }, (_, index) => `w${index + 1} `.padEnd(bytes, '.'));
}

const noDetails = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 } as const;

function defaultFinish({ answer }: { answer: Answer }): AnswerFinish {
  if (answer.blockReason !== undefined) return 'content-filter';
  return (answer.toolCalls ?? []).length > 0 ? 'tool-calls' : 'stop';
}

function toPieces(value: Pieces): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function toolInputPieces(input: AnswerToolCall['input']): readonly string[] {
  if (typeof input === 'string') return [input];
  if (isPieceList(input)) return input;
  const json = JSON.stringify(input);
  const third = Math.max(1, Math.ceil(json.length / 3));
  return [json.slice(0, third), json.slice(third, 2 * third), json.slice(2 * third)].filter(
    part => part !== '',
  );
}

function isPieceList(input: AnswerToolCall['input']): input is readonly string[] {
  return Array.isArray(input);
}
