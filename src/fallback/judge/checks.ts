import type { FailureKind } from '../../failure/failure-kind.ts';
import type { Attempt } from '../attempt.ts';
import { finalAnswer } from '../collect.ts';
import type { CheckName } from '../conditions/condition.ts';
import type { JudgedAnswer } from '../conditions/judged-answer.ts';
import { type Badness, badness } from '../withheld.ts';
import { inspectOutput, inspectToolCalls } from './inspect.ts';
import { isBlank, type WholeAnswer } from './read-answer.ts';

/** An answer that is checked. */
type Checked = {
  readonly attempt: Pick<Attempt, 'call'>;
  readonly whole: WholeAnswer;
  readonly answer: JudgedAnswer;
};

/** What a ready-made judgement finds wrong with an answer. */
export function check({
  name,
  attempt,
  whole,
  answer,
}: Checked & { readonly name: CheckName }): string | undefined {
  const { options } = attempt.call;
  const { content } = whole;
  const { unified } = answer.finishReason;
  switch (name) {
    case 'empty-answer':
      return isBlank(answer) && unified !== 'length' && unified !== 'content-filter'
        ? 'The answer has no text, no tool call and no file.'
        : undefined;
    case 'refusal':
      return unified === 'content-filter' ? 'The answer is a refusal.' : undefined;
    case 'cut-by-length':
      return unified === 'length' ? 'The answer was cut off at its longest length.' : undefined;
    case 'invalid-tool-call':
      return inspectToolCalls({ options, content });
    case 'invalid-output':
      return inspectOutput({ options, content, text: finalAnswer(content) ?? answer.text });
    default:
      return name satisfies never;
  }
}

/** The kind of an answer that failed a judgement, told from the answer: what a user says of it is nobody's error code. */
export function kindOf({
  answer,
  by,
}: {
  readonly answer: JudgedAnswer;
  readonly by: ReadonlyArray<string>;
}): FailureKind {
  if (by.includes('invalid-tool-call') || by.includes('invalid-output')) return 'malformed-response';
  if (answer.finishReason.unified === 'content-filter') return 'content-filter';
  return isBlank(answer) ? 'empty' : 'malformed-response';
}

/** How bad an answer is that is delivered because no other passed; one with a tool call that cannot be run is the worst. */
export function badnessOf({ attempt, whole, answer }: Checked): Badness {
  if (inspectToolCalls({ options: attempt.call.options, content: whole.content }) !== undefined)
    return badness.unrunnable;
  if (answer.finishReason.unified === 'content-filter') return badness.refused;
  if (isBlank(answer)) return badness.empty;
  return answer.finishReason.unified === 'length' ? badness.cut : badness.whole;
}
