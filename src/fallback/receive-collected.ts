import type { LanguageModelV4GenerateResult, LanguageModelV4StreamResult } from '@ai-sdk/provider';
import { collect } from './collect.ts';
import type { Delivery } from './delivery/delivery.ts';
import { stopWatch } from './delivery/stall-watch.ts';
import { stampContent } from './history/stamp-parts.ts';
import { endAttempt } from './open-attempt.ts';
import type { Sent } from './step.ts';

/** Hands a stream that was held to its finish out as an answer that was generated. */
export function receiveCollected({
  delivery,
  sent,
}: {
  readonly delivery: Delivery | undefined;
  readonly sent: Sent<LanguageModelV4StreamResult>;
}): Sent<LanguageModelV4GenerateResult> {
  // A buffered route holds every stream to its finish; this line only tells the compiler.
  if (delivery?.judged === undefined) throw new Error('ai-composite: the stream was not held to its finish');
  const { attempt, held, judged } = delivery;
  // Nobody but this function has the consumer's stream.
  delivery.isOver = true;
  stopWatch(delivery.watch);
  const generate = (result: LanguageModelV4StreamResult): LanguageModelV4GenerateResult => {
    const { options } = attempt.call;
    const { content, ...collected } = collect({ parts: held, finish: judged, result, options });
    return { ...collected, content: stampContent({ content, stamp: attempt.record.stamp }) };
  };
  if (sent.type === 'withheld') return { ...sent, deliver: () => generate(sent.deliver()) };
  endAttempt({ attempt, end: { outcome: 'success' } });
  return { type: 'answer', answer: generate(sent.answer) };
}
