import type { Ticket } from '../../candidate/ticket.ts';
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '../../provider/sdk-types.ts';
import type { SharedNotes } from '../../state/shared/shared-notes.ts';
import { type Media, readUserMedia } from '../serve/needs.ts';
import type { ClassifierCall } from './classifier-call.ts';
import { messageText } from './message-text.ts';

/** A request to a model that wants to be made to find a task. */
export type ClassifierAsk = Pick<ClassifierCall, 'provider' | 'modelId' | 'callOptions'>;

/**
 * Asks whether there is money for a request: holds what it may cost at most, and rejects with `BudgetExceededError` where no
 * budget has room for it. The ticket goes back with the answer, as `asked.ticket`; `maxOutputTokens` is set where only a
 * shorter answer fits.
 */
export type AdmitClassifier = (ask: ClassifierAsk) => Promise<{
  readonly ticket: Ticket;
  readonly maxOutputTokens: number | undefined;
}>;

/** What a classifier sees of a call. Everything but `options` is read from them at first use, so it costs nothing unasked. */
export type ClassifyRequest = {
  /** The call's own options; what a route or a candidate brings is not in them yet. */
  readonly options: LanguageModelV4CallOptions;
  /** The call's own conversation. */
  readonly prompt: LanguageModelV4Prompt;
  /** What the user wrote last; empty where there is no text of the user. A tool's result is not the user's. */
  readonly lastUserText: string;
  /** What the user wrote in the whole conversation, one text a message, oldest first. */
  readonly userTexts: ReadonlyArray<string>;
  /** Estimated, of the whole request. */
  readonly inputTokens: number;
  readonly messageCount: number;
  /** Names of the tools in the request. */
  readonly tools: ReadonlyArray<string>;
  /** Whether JSON is wanted, with or without a schema. */
  readonly output: 'text' | 'json';
  /** What the user attached, anywhere in the conversation. */
  readonly media: Media;
  /** The reasoning effort that the call asks for. */
  readonly reasoning: LanguageModelV4CallOptions['reasoning'];
  /** The conversation's name, where the call gives one. */
  readonly sessionId: string | undefined;
  /** Small texts that all processes share for a day, where `state` is set: what is known of conversations. */
  readonly notes?: SharedNotes | undefined;
  /** For a classifier that asks a model; undefined where nothing bounds what calls spend. */
  readonly admit?: AdmitClassifier | undefined;
  /** Aborts when the caller does, or when the time for classifying has run out. */
  readonly abortSignal: AbortSignal;
};

/** Makes what a classifier sees of a call; each field is worked out once. */
export function createClassifyRequest({
  options,
  sessionId,
  admit,
  abortSignal,
  notes,
  estimateInput,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly sessionId: string | undefined;
  readonly admit?: AdmitClassifier | undefined;
  readonly abortSignal: AbortSignal;
  readonly notes?: SharedNotes | undefined;
  /** Estimates the tokens of the whole request. */
  readonly estimateInput: () => number;
}): ClassifyRequest {
  const userTexts = once(() => readUserTexts(options.prompt));
  const inputTokens = once(estimateInput);
  const media = once(() => readUserMedia(options.prompt));
  const tools = once(() => (options.tools ?? []).map(({ name }) => name));
  return {
    options,
    sessionId,
    admit,
    abortSignal,
    notes,
    prompt: options.prompt,
    messageCount: options.prompt.length,
    output: options.responseFormat?.type === 'json' ? 'json' : 'text',
    reasoning: options.reasoning,
    get userTexts() {
      return userTexts();
    },
    get lastUserText() {
      return userTexts().at(-1) ?? '';
    },
    get inputTokens() {
      return inputTokens();
    },
    get media() {
      return media();
    },
    get tools() {
      return tools();
    },
  };
}

function readUserTexts(prompt: LanguageModelV4Prompt): ReadonlyArray<string> {
  return prompt.flatMap(message => {
    const text = message.role === 'user' ? messageText(message) : undefined;
    return text === undefined ? [] : [text.slice({ from: 0, to: text.length })];
  });
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}
