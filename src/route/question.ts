import type { Question } from './ask-task.ts';
import type { ClassifierCall } from './classifier-call.ts';
import type { ClassifyRequest } from './classify-request.ts';

/** What became known of a request to a model that is no language model. */
export type Seen = {
  readonly inputTokens: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly responseModelId?: string | undefined;
};

/** Sends one request, for all calls of a conversation that wait for its answer. */
export function createQuestion<TASK extends string>({
  model: { provider, modelId },
  request,
  text,
  longestOutput,
  send,
}: {
  readonly model: { readonly provider: string; readonly modelId: string };
  readonly request: ClassifyRequest;
  /** What is sent, and the longest answer in tokens: what budgets hold for it goes by these. */
  readonly text: string;
  readonly longestOutput: number;
  readonly send: (options: {
    readonly signal: AbortSignal;
    /** Tells what is to be paid, before the answer is given. */
    readonly see: (seen: Seen) => void;
  }) => Promise<TASK | undefined>;
}): Question<TASK> {
  const controller = new AbortController();
  let call: Omit<ClassifierCall, 'outcome'> = {
    provider,
    modelId,
    callOptions: callOptions({ text, longestOutput }),
  };
  let isTaken = false;
  const ask = async () => {
    const admitted = await request.admit?.(call);
    if (admitted !== undefined) {
      // Whoever waited is gone, and with them the request.
      if (controller.signal.aborted) admitted.ticket.release();
      controller.signal.throwIfAborted();
      call = { ...call, ticket: admitted.ticket };
    }
    return send({
      signal: controller.signal,
      see: seen => {
        call = { ...call, ...toUsage(seen) };
      },
    });
  };
  const answer = ask();
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

function callOptions({
  text,
  longestOutput,
}: {
  readonly text: string;
  readonly longestOutput: number;
}): ClassifierCall['callOptions'] {
  return { prompt: [{ role: 'user', content: [{ type: 'text', text }] }], maxOutputTokens: longestOutput };
}

function toUsage({
  inputTokens,
  outputTokens,
  responseModelId,
}: Seen): Pick<ClassifierCall, 'usage' | 'responseModelId'> {
  return {
    usage: {
      inputTokens: { total: inputTokens, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: outputTokens, text: undefined, reasoning: undefined },
    },
    ...(responseModelId !== undefined && { responseModelId }),
  };
}
