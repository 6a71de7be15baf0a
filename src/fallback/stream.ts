import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { optionsFor } from '../candidate/call-options.ts';
import { type Attempt, arm, untilCut } from './attempt.ts';
import { commit, openDelivery } from './deliver.ts';
import { armFirstOutput, firstChunkLimit } from './first-output.ts';
import { holdUntilCommit } from './hold.ts';
import { completeOpening } from './opening.ts';
import { promptFor } from './prompt-for.ts';
import { startWatch, stopWatch } from './stall-watch.ts';
import type { Send } from './step.ts';

/**
 * Sends a `doStream` request and reads until the stream commits, so that headers, request, warnings and metadata all
 * belong to the candidate that serves. Everything before the first output is held; a failure there is invisible.
 */
export const sendStream: Send<LanguageModelV4StreamResult> = async ({ attempt, queue }) => {
  const { call, candidate, record } = attempt;
  const options = optionsFor({ candidate, options: call.options });
  const limitMs = firstChunkLimit({ candidate, options });
  armFirstOutput({ attempt, limitMs, queue });

  const dropsRaw = record.wantsRawChunks && options.includeRawChunks !== true;
  const asked = ask({ attempt, options, dropsRaw });
  const result = await untilCut({ attempt, promise: asked, drop: late => late.stream.cancel() });
  attempt.facts.responseHeaders = result.response?.headers;
  const { delivery, stream } = openDelivery({ attempt, queue, source: result.stream, dropsRaw });
  const { thinkingMs } = candidate.timeouts.firstChunkMs;
  const onThinking =
    limitMs === thinkingMs ? undefined : () => armFirstOutput({ attempt, limitMs: thinkingMs, queue });
  try {
    const { refusal } = await holdUntilCommit({ delivery, onThinking });
    completeOpening({ attempt, held: delivery.held });
    commit(delivery);
    if (!delivery.isWhole) arm({ attempt, limit: attempt.total });
    const answer = { ...result, stream };
    if (refusal !== undefined) return { answer, refusal };
    // A refusal ends its attempt whether it is read or not.
    startWatch(delivery.watch);
    return { answer };
  } catch (error) {
    stopWatch(delivery.watch);
    void delivery.reader.cancel(error).catch(ignore);
    throw error;
  }
};

function ask({
  attempt,
  options,
  dropsRaw,
}: {
  readonly attempt: Attempt;
  readonly options: LanguageModelV4CallOptions;
  readonly dropsRaw: boolean;
}): PromiseLike<LanguageModelV4StreamResult> {
  const { candidate, controller } = attempt;
  const send = (prompt: LanguageModelV4Prompt) =>
    candidate.model.doStream({
      ...options,
      prompt,
      abortSignal: controller.signal,
      ...(dropsRaw && { includeRawChunks: true }),
    });
  const prompt = promptFor({ attempt, prompt: options.prompt });
  return prompt instanceof Promise ? prompt.then(send) : send(prompt);
}

function ignore(): void {}
