import type { Question } from '../routing-data.ts';
import type { Questions } from './measure-money.ts';

/** Sums that nobody answered, for a short run without the data: no figure of theirs means anything. */
export function madeUpQuestions(): Questions {
  return {
    mmlu: ['adding', 'taking away'].flatMap(subject => makeUp({ set: 'MMLU', subject, count: 60 })),
    gsm8k: makeUp({ set: 'GSM8K', subject: 'arithmetic', count: 150 }),
  };
}

function makeUp({
  set,
  subject,
  count,
}: Pick<Question, 'set' | 'subject'> & { readonly count: number }): ReadonlyArray<Question> {
  return Array.from({ length: count }, (_, index): Question => {
    const sum = `${index} + ${index * index}`;
    return {
      id: `${subject} ${index}`,
      set,
      subject,
      prompt: `What is ${sum}?${' Take your time.'.repeat(index % 9)}`,
      cheap: { isRight: index % 3 !== 0, text: `${sum} = ${index}` },
      strong: { isRight: index % 7 !== 0, text: `${sum} = ${index + index * index}` },
    };
  });
}
