import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { AttemptTimeoutError, InvalidAnswerError } from '../../failure/errors.ts';
import type { Attempt } from '../attempt.ts';
import { listenForCut } from '../cut.ts';
import { createStamper } from '../history/stamp-parts.ts';
import type { Queue } from '../step.ts';
import type { Delivery } from './delivery.ts';
import { forward } from './forward.ts';
import { giveUp } from './give-up.ts';
import { interrupt } from './interrupt.ts';
import { isContent, isEndless, isTurnDue, nextTurn, noiseWithoutEnd } from './progress.ts';
import { createStallWatch, expectPart, seeContent, seeNoise } from './stall-watch.ts';

type Part = LanguageModelV4StreamPart;
type Reading = ReadableStreamReadResult<Part>;

/**
 * Opens the consumer's stream over the provider's: one part per read, nothing read ahead. It is made before the first part
 * is read, so that nothing is left to do between the first output and its reader but to hand it out.
 */
export function openDelivery({
  attempt,
  queue,
  source,
  dropsRaw,
}: {
  readonly attempt: Attempt;
  readonly queue: Queue;
  readonly source: ReadableStream<Part>;
  readonly dropsRaw: boolean;
}): { readonly delivery: Delivery; readonly stream: ReadableStream<Part> } {
  const progress = { insideText: false, noise: 0, unreadable: undefined };
  const delivery: Delivery = {
    attempt,
    queue,
    reader: source.getReader(),
    progress,
    watch: createStallWatch({ attempt, progress }),
    stamper: createStamper({ candidate: attempt.record.stamp }),
    dropsRaw,
    held: [],
    handedOut: 0,
    gate: undefined,
    hasToolCall: false,
    isWhole: false,
    judged: undefined,
    isReading: false,
    isOver: false,
    read: () => {
      if (delivery.isReading || delivery.isOver) {
        delivery.successor?.read();
        return;
      }
      expectPart(delivery.watch);
      if (handOutHeld(delivery)) return;
      delivery.isReading = true;
      delivery.reader.read().then(onRead, delivery.fail);
    },
    fail: error => {
      if (!delivery.isOver) interrupt({ delivery, cause: error });
    },
    forward,
    heir: undefined,
    successor: undefined,
    out: undefined,
  };
  const onRead = (reading: Reading) => take({ delivery, reading });
  const stream = new ReadableStream<Part>(
    {
      start: own => {
        delivery.out = own;
      },
      pull: delivery.read,
      cancel: reason => giveUp({ delivery, reason }),
    },
    { highWaterMark: 0 },
  );
  return { delivery, stream };
}

/**
 * From here on what was held goes out, and then the rest. What breaks becomes an `error` part and a finish `error`, never a
 * clean end, unless somebody else goes on with the answer.
 */
export function commit(delivery: Delivery): void {
  const onCut = (error: unknown) => {
    if (delivery.isOver) return;
    if (AttemptTimeoutError.isInstance(error)) return delivery.fail(error);
    giveUp({ delivery, reason: error });
    delivery.out?.error(error);
  };
  listenForCut({ attempt: delivery.attempt, onCut });
}

const nothing: Delivery['held'] = [];

/** Hands out the next part of what was held; false where there is none. */
function handOutHeld(delivery: Delivery): boolean {
  while (delivery.handedOut < delivery.held.length) {
    const part = delivery.held[delivery.handedOut++];
    if (part === undefined) continue;
    seeContent(delivery.watch);
    try {
      if (delivery.forward({ delivery, part })) return true;
    } catch (error) {
      delivery.fail(error);
      return true;
    }
    expectPart(delivery.watch);
  }
  delivery.held = nothing;
  return false;
}

/** Takes what a read has brought. Whatever goes wrong shows in the stream, for nobody else would learn of it. */
function take({
  delivery,
  reading: { done, value },
}: {
  readonly delivery: Delivery;
  readonly reading: Reading;
}): void {
  const { isOver, progress, fail } = delivery;
  if (isOver) return;
  if (done) {
    fail(progress.unreadable ?? endedEarly());
    return;
  }
  try {
    const isProgress = isContent({ progress, part: value });
    // The reader goes on to wait meanwhile, so what is behind the pause is seen after it: that time counts.
    if (!isProgress && isTurnDue(progress))
      nextTurn()
        .then(() => pass({ delivery, part: value, isProgress }))
        .catch(fail);
    else pass({ delivery, part: value, isProgress });
  } catch (error) {
    fail(error);
  }
}

/** Hands a part out, and reads the next one in its place where it is not for the consumer. */
function pass({
  delivery,
  part,
  isProgress,
}: {
  readonly delivery: Delivery;
  readonly part: Part;
  readonly isProgress: boolean;
}): void {
  const { isOver, watch, attempt, progress } = delivery;
  if (isOver) return;
  delivery.isReading = false;
  if (isProgress) seeContent(watch);
  else seeNoise(watch);
  attempt.record.observe(part);
  if (!isProgress && isEndless(progress)) delivery.fail(noiseWithoutEnd());
  else if (!delivery.forward({ delivery, part })) delivery.read();
}

function endedEarly(): InvalidAnswerError {
  return new InvalidAnswerError({ kind: 'network', message: 'The stream ended without a finish.' });
}
