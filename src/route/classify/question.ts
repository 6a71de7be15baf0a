import type { ClassifierCall } from './classifier-call.ts';
import type { ClassifyRequest } from './classify-request.ts';

type Failure = { readonly outcome: 'failure' | 'abort'; readonly error: unknown };

/** One request to a classifying model, for all calls of a conversation that wait for it. */
export type Question<TASK extends string> = {
  /** Undefined where whoever was asked is not sure. */
  readonly answer: Promise<TASK | undefined>;
  readonly cancel: (reason: unknown) => void;
  /** What is known of the request so far; the first call to take it books it. Undefined where none was made. */
  readonly takeCall: (end: { readonly outcome: 'success' } | Failure) => ClassifierCall | undefined;
  waiting: number;
};

/** What sending a request goes by. */
export type Sending = {
  readonly signal: AbortSignal;
  /** Asks budgets for what the request may cost; answers the longest output that they leave it. Rejects where they refuse. */
  readonly admit: (callOptions: ClassifierCall['callOptions']) => Promise<number | undefined>;
  /** Tells what became known of the request, for its cost. */
  readonly see: (seen: Partial<Omit<ClassifierCall, 'outcome'>>) => void;
};

/** Sends one request, for all calls of a conversation that wait for its answer. */
export function createQuestion<TASK extends string>({
  model: { provider, modelId },
  request,
  send,
}: {
  readonly model: { readonly provider: string; readonly modelId: string };
  readonly request: ClassifyRequest;
  readonly send: (sending: Sending) => Promise<TASK | undefined>;
}): Question<TASK> {
  const controller = new AbortController();
  const { signal } = controller;
  let call: Omit<ClassifierCall, 'outcome'> = { provider, modelId, callOptions: { prompt: [] } };
  let isTaken = false;
  const see: Sending['see'] = seen => {
    call = { ...call, ...seen };
  };
  const admit: Sending['admit'] = async callOptions => {
    see({ callOptions });
    const admitted = await request.admit?.(call);
    if (admitted === undefined) return undefined;
    // Whoever waited is gone, and with them the request.
    if (signal.aborted) admitted.ticket.release();
    signal.throwIfAborted();
    see({ ticket: admitted.ticket });
    return admitted.maxOutputTokens;
  };
  const answer = send({ signal, admit, see });
  // Everybody who waited may have left.
  answer.catch(() => undefined);
  return {
    answer,
    cancel: reason => controller.abort(reason),
    takeCall: end => {
      if (isTaken) return undefined;
      isTaken = true;
      return { ...call, ...end };
    },
    waiting: 0,
  };
}

/** A question that nobody has to be asked: nobody is sure, and nothing is to be paid. */
export function unasked<TASK extends string>(): Question<TASK> {
  return {
    answer: Promise.resolve(undefined),
    cancel: () => {},
    takeCall: () => undefined,
    waiting: 0,
  };
}

/** The options of a request that is one text, for what it may cost. */
export function textOnly({
  text,
  longestOutput,
}: {
  readonly text: string;
  readonly longestOutput: number;
}): ClassifierCall['callOptions'] {
  return { prompt: [{ role: 'user', content: [{ type: 'text', text }] }], maxOutputTokens: longestOutput };
}

/** Token counts as pricing takes them. */
export function usageOf({
  inputTokens,
  outputTokens,
}: {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}): NonNullable<ClassifierCall['usage']> {
  return {
    inputTokens: { total: inputTokens, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: outputTokens, text: undefined, reasoning: undefined },
  };
}
