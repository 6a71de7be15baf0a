import type { LanguageModelV4GenerateResult, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { optionsFor } from '../candidate/call-options.ts';
import { answers } from './answers-chunk.ts';
import { armUnlessLast } from './arm-unless-last.ts';
import { untilCut } from './cut.ts';
import { promptFor } from './prompt-for.ts';
import { requestWithin } from './request-within.ts';
import type { Send } from './step.ts';

/** Sends a `doGenerate` request and takes its answer. */
export const sendGenerate: Send<LanguageModelV4GenerateResult> = ({ attempt, queue }) => {
  const { call, candidate, startedAtMs } = attempt;
  const { attemptMs } = candidate.timeouts;
  const whole = { name: 'attemptMs', limitMs: attemptMs, dueAtMs: startedAtMs + attemptMs } as const;
  armUnlessLast({ attempt, limit: whole, queue, nowMs: startedAtMs });

  const options = optionsFor({ candidate, options: call.options });
  const send = (prompt: LanguageModelV4Prompt) =>
    candidate.model.doGenerate({ ...options, prompt, abortSignal: attempt.controller.signal });
  const ask = requestWithin({ attempt, send });
  const prompt = promptFor({ attempt, prompt: options.prompt });
  const asked = prompt instanceof Promise ? prompt.then(ask) : ask(prompt);
  const answered = untilCut({ attempt, promise: asked });
  const code = answers.now();
  if (code !== undefined) return answered.then(result => code.receiveGenerated({ attempt, result }));
  const loading = answers.load();
  return answered.then(async result => {
    const { receiveGenerated } = await untilCut({ attempt, promise: loading });
    return receiveGenerated({ attempt, result });
  });
};
