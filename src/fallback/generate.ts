import type { LanguageModelV4GenerateResult, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { optionsFor } from '../candidate/call-options.ts';
import { answers } from './answers-chunk.ts';
import { arm, untilCut } from './attempt.ts';
import { earlier } from './limit.ts';
import { promptFor } from './prompt-for.ts';
import { isLast, type Send } from './step.ts';

/** Sends a `doGenerate` request and takes its answer. */
export const sendGenerate: Send<LanguageModelV4GenerateResult> = async ({ attempt, queue }) => {
  const { call, candidate, startedAtMs, total } = attempt;
  const { attemptMs } = candidate.timeouts;
  const whole = { name: 'attemptMs', limitMs: attemptMs, dueAtMs: startedAtMs + attemptMs } as const;
  arm({ attempt, limit: isLast(queue) ? total : earlier({ one: whole, other: total }) });

  const options = optionsFor({ candidate, options: call.options });
  const ask = (prompt: LanguageModelV4Prompt) =>
    candidate.model.doGenerate({ ...options, prompt, abortSignal: attempt.controller.signal });
  const prompt = promptFor({ attempt, prompt: options.prompt });
  const asked = prompt instanceof Promise ? prompt.then(ask) : ask(prompt);
  const code = answers.now() ?? answers.load();
  const result = await untilCut({ attempt, promise: asked });
  const { receiveGenerated } = code instanceof Promise ? await untilCut({ attempt, promise: code }) : code;
  return receiveGenerated({ attempt, options, result });
};
