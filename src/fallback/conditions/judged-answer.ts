import type {
  JSONValue,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '../../provider/sdk-types.ts';

/** A whole answer as a judgement sees it. */
export type JudgedAnswer = {
  /** All of its text. */
  readonly text: string;
  /** Left out where there was none. */
  readonly reasoning?: string;
  readonly toolCalls: ReadonlyArray<JudgedToolCall>;
  /** Files that the model made, such as images. */
  readonly files: ReadonlyArray<JudgedFile>;
  /** In the SDK's word, and in the provider's own. */
  readonly finishReason: LanguageModelV4GenerateResult['finishReason'];
  /** Set where the provider or the model refused (`content-filter`), also behind a part of an answer. */
  readonly refusal?: Refusal;
  readonly usage: LanguageModelV4Usage;
  /** As the provider's package gives it. */
  readonly providerMetadata?: SharedV4ProviderMetadata;
  readonly task: string;
  readonly candidate: string;
  /** 1-based across the call. */
  readonly attemptNumber: number;
};

/** A tool call of an answer, its arguments parsed. */
export type JudgedToolCall = {
  readonly toolCallId: string;
  readonly toolName: string;
  /** Parsed; the text as it came where it is `unparsable`. */
  readonly input: unknown;
  /** Set where the arguments are no JSON. */
  readonly unparsable?: true;
  /** The provider runs it. */
  readonly providerExecuted?: true;
};

/** A file that the model made. */
export type JudgedFile = Pick<Extract<LanguageModelV4Content, { type: 'file' }>, 'mediaType' | 'data'>;

/** What is known of a refusal, as far as the provider's package tells. */
export type Refusal = {
  /** The provider's own word for the finish, such as `SAFETY` or `refusal`. */
  readonly reason?: string;
  /** What it is about, such as `cyber`, or `PROHIBITED_CONTENT` for a prompt that Gemini blocked. */
  readonly category?: string;
  /** The provider's sentence on it. */
  readonly explanation?: string;
  /** As the package gives it: Anthropic's `stopDetails`; Gemini's `promptFeedback`, `safetyRatings` and `finishMessage`. */
  readonly details?: Readonly<Record<string, JSONValue>>;
};

/**
 * A judgement of an answer, at once or in a while: `true` has the next candidate asked, `false` delivers the answer,
 * `undefined` says nothing. `abortSignal` aborts when the caller does, or when the judgement's time has run out.
 */
export type AnswerPredicate = (
  answer: JudgedAnswer,
  options: { readonly abortSignal: AbortSignal },
) => boolean | undefined | PromiseLike<boolean | undefined>;
