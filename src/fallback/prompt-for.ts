import type { LanguageModelV4Prompt } from '../provider/sdk-types.ts';
import type { Attempt } from './attempt.ts';
import { historyFor } from './history/history.ts';

/** The conversation as the candidate of an attempt gets it; a promise only where a link has to be downloaded for it. */
export function promptFor({
  attempt: { call, candidate, controller },
  prompt,
}: {
  readonly attempt: Attempt;
  readonly prompt: LanguageModelV4Prompt;
}): LanguageModelV4Prompt | Promise<LanguageModelV4Prompt> {
  const history = historyFor({ candidate, prompt, makers: call.makers });
  return call.downloadLinks?.({ candidate, prompt: history, signal: controller.signal }) ?? history;
}
