import type { LanguageModelV4CallOptions, LanguageModelV4StreamResult } from '@ai-sdk/provider';
import type { Attempt } from '../attempt.ts';
import { arm } from '../cut.ts';
import { onceThinking } from '../first-output.ts';
import type { Queue, Sent } from '../step.ts';
import { commit, openDelivery } from './deliver.ts';
import type { Delivery } from './delivery.ts';
import { holdUntilCommit } from './hold.ts';
import { completeOpening, servingModelId } from './opening.ts';
import { startWatch, stopWatch } from './stall-watch.ts';

/**
 * Reads a stream until it commits, so that headers, request, warnings and metadata all belong to the candidate that serves.
 * Everything before the first output is held; a failure there is invisible.
 */
export async function receiveStream({
  attempt,
  queue,
  options,
  result,
  limitMs,
  dropsRaw,
  onOpen,
}: {
  readonly attempt: Attempt;
  readonly queue: Queue;
  /** As the candidate got them. */
  readonly options: LanguageModelV4CallOptions;
  readonly result: LanguageModelV4StreamResult;
  /** How long the attempt may take to its first output. */
  readonly limitMs: number;
  /** Raw chunks were asked for by us, not by the caller. */
  readonly dropsRaw: boolean;
  readonly onOpen: ((delivery: Delivery) => void) | undefined;
}): Promise<Sent<LanguageModelV4StreamResult>> {
  const headers = result.response?.headers;
  attempt.facts.responseHeaders = headers;
  if (headers !== undefined) attempt.record.hear?.(headers);
  const { delivery, stream } = openDelivery({ attempt, queue, source: result.stream, dropsRaw });
  onOpen?.(delivery);
  const onThinking = onceThinking({ attempt, options, limitMs, queue });
  try {
    const failed = await holdUntilCommit({ delivery, onThinking });
    if (failed !== undefined) {
      // Its attempt ends whether it is read or not.
      stopWatch(delivery.watch);
      attempt.facts.responseModelId = servingModelId(delivery.held);
      return { type: 'withheld', ...failed, deliver: () => handOver({ delivery, result, stream }) };
    }
    const answer = handOver({ delivery, result, stream });
    if (!delivery.isWhole) arm({ attempt, limit: attempt.total });
    startWatch(delivery.watch);
    return { type: 'answer', answer };
  } catch (error) {
    stopWatch(delivery.watch);
    void delivery.reader.cancel(error).catch(ignore);
    throw error;
  }
}

/** From here on the stream is its consumer's. */
function handOver({
  delivery,
  result,
  stream,
}: {
  readonly delivery: Delivery;
  readonly result: LanguageModelV4StreamResult;
  readonly stream: LanguageModelV4StreamResult['stream'];
}): LanguageModelV4StreamResult {
  completeOpening({ attempt: delivery.attempt, held: delivery.held });
  commit(delivery);
  return { ...result, stream };
}

function ignore(): void {}
