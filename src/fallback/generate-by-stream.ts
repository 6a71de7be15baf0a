import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import { UnsupportedFunctionalityError } from 'ai';
import { answers } from './answers-chunk.ts';
import type { Delivery } from './delivery/delivery.ts';
import { sendGenerate } from './generate.ts';
import type { Send, Sent } from './step.ts';
import { streamTo } from './stream.ts';

/**
 * Has an answer streamed and hands it out as one that was generated, so that silence and stalls are noticed by the first
 * output and the gap. A model that says it cannot stream generates it.
 */
export const sendGenerateByStream: Send<LanguageModelV4GenerateResult> = async sending => {
  try {
    return await collected(sending);
  } catch (error) {
    if (UnsupportedFunctionalityError.isInstance(error)) return sendGenerate(sending);
    throw error;
  }
};

async function collected({
  attempt,
  queue,
}: Parameters<Send<unknown>>[0]): Promise<Sent<LanguageModelV4GenerateResult>> {
  let delivery: Delivery | undefined;
  const onOpen = (own: Delivery) => {
    delivery = own;
  };
  const sent = await streamTo({ attempt, queue, onOpen });
  const { receiveCollected } = await answers.load();
  return receiveCollected({ delivery, sent });
}
