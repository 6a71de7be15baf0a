import type { LanguageModelV4GenerateResult, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { optionsFor } from '../candidate/call-options.ts';
import { arm, endAttempt, untilCut } from './attempt.ts';
import { hasOutput } from './commit.ts';
import { judgeEmptyFinish, judgeFinish } from './finish.ts';
import { inspectAnswer } from './inspect.ts';
import { earlier } from './limit.ts';
import { promptFor } from './prompt-for.ts';
import { stampContent } from './stamp.ts';
import { isLast, type Send } from './step.ts';

/** Sends a `doGenerate` request and judges its answer: nothing was delivered yet, so anything short of whole is a failure. */
export const sendGenerate: Send<LanguageModelV4GenerateResult> = async ({ attempt, queue }) => {
  const { call, candidate, record, startedAtMs, total } = attempt;
  const { attemptMs } = candidate.timeouts;
  const whole = { name: 'attemptMs', limitMs: attemptMs, dueAtMs: startedAtMs + attemptMs } as const;
  arm({ attempt, limit: isLast(queue) ? total : earlier({ one: whole, other: total }) });

  const options = optionsFor({ candidate, options: call.options });
  const ask = (prompt: LanguageModelV4Prompt) =>
    candidate.model.doGenerate({ ...options, prompt, abortSignal: attempt.controller.signal });
  const prompt = promptFor({ attempt, prompt: options.prompt });
  const result = await untilCut({
    attempt,
    promise: prompt instanceof Promise ? prompt.then(ask) : ask(prompt),
  });
  for (const part of result.content) record.observe(part);

  const { content, finishReason, usage, providerMetadata } = result;
  const { facts } = attempt;
  facts.firstChunkMs = call.clock.now() - startedAtMs;
  facts.usage = usage;
  facts.providerMetadata = providerMetadata;
  facts.responseModelId = result.response?.modelId;
  facts.responseBody = result.response?.body;
  facts.responseHeaders = result.response?.headers;
  const verdict = judgeFinish({ finishReason });
  if (verdict.type === 'broken') throw verdict.error;
  const answer: LanguageModelV4GenerateResult = {
    ...result,
    finishReason: verdict.finishReason,
    warnings: call.warnings.length === 0 ? result.warnings : [...call.warnings, ...result.warnings],
    content: stampContent({ content, stamp: candidate.stamp }),
    response: { ...result.response, modelId: result.response?.modelId ?? candidate.model.modelId },
  };

  const refusal = hasOutput(content) ? undefined : judgeEmptyFinish({ finishReason: verdict.finishReason });
  if (refusal?.kind === 'content-filter') return { answer, refusal };
  const problem = refusal ?? inspectAnswer({ conditions: call.conditions, options, content });
  if (problem !== undefined) throw problem;
  endAttempt({ attempt, end: { outcome: 'success' } });
  return { answer };
};
