import type { LanguageModelV4StreamResult } from '@ai-sdk/provider';
import { createChunk } from '../../boundary/chunk.ts';
import type { Send } from '../step.ts';

/** How another candidate goes on with an answer; loaded by the first call on a route that continues them. */
export const continued = createChunk(() => import('./send-continued.ts'));

/** Sends a `doStream` request whose answer somebody else may go on with. */
export const sendContinued: Send<LanguageModelV4StreamResult> = async sending => {
  const code = continued.now() ?? (await continued.load());
  return code.sendContinued(sending);
};
