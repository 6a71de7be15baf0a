import type { LanguageModelV4FinishReason, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import type { InvalidAnswerError } from '../failure/errors.ts';
import type { Attempt } from './attempt.ts';
import { judgeAnswers } from './conditions/condition.ts';
import { arm } from './cut.ts';
import { hasOutput } from './delivery/commit.ts';
import { judgeEmptyFinish, judgeFinish } from './delivery/finish.ts';
import { stampContent } from './history/stamp-parts.ts';
import { judge } from './judge/judge.ts';
import { noLimit } from './limits/limit.ts';
import { endAttempt, prove } from './open-attempt.ts';
import type { Sent } from './step.ts';
import { unjudged } from './withheld.ts';

type Generated = {
  readonly attempt: Attempt;
  readonly result: LanguageModelV4GenerateResult;
  /** As it was judged. */
  readonly finishReason: LanguageModelV4FinishReason;
};

/** Judges a generated answer: nothing was delivered yet, so anything short of whole is a failure. */
export function receiveGenerated({
  attempt,
  result,
}: Pick<Generated, 'attempt' | 'result'>):
  | Sent<LanguageModelV4GenerateResult>
  | Promise<Sent<LanguageModelV4GenerateResult>> {
  const { call, record, startedAtMs, facts } = attempt;
  for (const part of result.content) record.observe(part);

  const { content, usage, providerMetadata } = result;
  const atMs = call.clock.now();
  facts.firstChunkMs = atMs - startedAtMs;
  facts.usage = usage;
  facts.providerMetadata = providerMetadata;
  facts.responseModelId = result.response?.modelId;
  facts.responseBody = result.response?.body;
  facts.responseHeaders = result.response?.headers;
  const verdict = judgeFinish({ finishReason: result.finishReason });
  if (verdict.type === 'broken') throw verdict.error;
  const generated: Generated = { attempt, result, finishReason: verdict.finishReason };
  const problem = hasOutput(content) ? undefined : judgeEmptyFinish(generated);
  if (problem !== undefined && problem.kind !== 'content-filter') throw problem;
  if (judgeAnswers(call.conditions)) return judged({ generated, refusal: problem, atMs });
  if (problem !== undefined)
    return { type: 'withheld', ...unjudged(problem), deliver: () => deliver(generated) };
  endAttempt({ attempt, end: { outcome: 'success', atMs } });
  return { type: 'answer', answer: deliver(generated) };
}

/** Has the conditions of the call judge the answer, which is whole: only their own time limits hold from here on. */
async function judged({
  generated,
  refusal,
  atMs,
}: {
  readonly generated: Generated;
  readonly refusal: InvalidAnswerError | undefined;
  /** When it was there: what judging takes is not the candidate's time. */
  readonly atMs: number;
}): Promise<Sent<LanguageModelV4GenerateResult>> {
  const {
    attempt,
    finishReason,
    result: { content, usage, providerMetadata },
  } = generated;
  // Whatever a user makes of the answer, the candidate has given one.
  if (hasOutput(content)) prove(attempt);
  arm({ attempt, limit: noLimit });
  const whole = { content, finish: { finishReason, usage, ...(providerMetadata && { providerMetadata }) } };
  const failed = await judge({ attempt, whole, refusal });
  if (failed !== undefined) return { type: 'withheld', ...failed, deliver: () => deliver(generated) };
  endAttempt({ attempt, end: { outcome: 'success', atMs } });
  return { type: 'answer', answer: deliver(generated) };
}

/** The answer as it goes out, with the warnings that there are by then. */
function deliver({
  attempt: { call, candidate, record },
  result,
  finishReason,
}: Generated): LanguageModelV4GenerateResult {
  return {
    ...result,
    finishReason,
    warnings: call.warnings.length === 0 ? result.warnings : [...call.warnings, ...result.warnings],
    content: stampContent({ content: result.content, stamp: record.stamp }),
    response: { ...result.response, modelId: result.response?.modelId ?? candidate.model.modelId },
  };
}
