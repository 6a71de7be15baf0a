import type { LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import type { Attempt } from './attempt.ts';
import { hasOutput } from './commit.ts';
import { judgeEmptyFinish, judgeFinish } from './finish.ts';
import { inspectAnswer } from './inspect.ts';
import { endAttempt } from './open-attempt.ts';
import { stampContent } from './stamp-parts.ts';
import type { Sent } from './step.ts';

/** Judges a generated answer: nothing was delivered yet, so anything short of whole is a failure. */
export function receiveGenerated({
  attempt,
  options,
  result,
}: {
  readonly attempt: Attempt;
  /** As the candidate got them. */
  readonly options: LanguageModelV4CallOptions;
  readonly result: LanguageModelV4GenerateResult;
}): Sent<LanguageModelV4GenerateResult> {
  const { call, candidate, record, startedAtMs, facts } = attempt;
  for (const part of result.content) record.observe(part);

  const { content, finishReason, usage, providerMetadata } = result;
  const atMs = call.clock.now();
  facts.firstChunkMs = atMs - startedAtMs;
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
  endAttempt({ attempt, end: { outcome: 'success', atMs } });
  return { answer };
}
