import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { parseCsv } from './parse-csv.ts';

/** A question with what two models made of it, as RouteLLM recorded it. */
export type Question = {
  readonly id: string;
  readonly set: 'MMLU' | 'GSM8K';
  /** MMLU's subject, such as `anatomy`; `arithmetic` for GSM8K. */
  readonly subject: string;
  readonly prompt: string;
  readonly cheap: Recorded;
  readonly strong: Recorded;
};

/** One model's answer; MMLU's are letters, and only whether they were right was recorded. */
export type Recorded = { readonly isRight: boolean; readonly text: string };

/** What is to be downloaded, said where it is missing. */
const wanted = `The data of the benchmark is RouteLLM's, from https://github.com/lm-sys/RouteLLM (Apache-2.0), and not in this repository.
Put these into one folder:
  mmlu/mmlu_<subject>.csv   from routellm/evals/mmlu/responses/
  gsm8k-responses.csv       from routellm/evals/gsm8k/gsm8k_responses.csv
  mt-bench-questions.jsonl  from routellm/evals/mt_bench/question.jsonl
and name it: npm run bench:routing -- --data=FOLDER, or ROUTING_DATA=FOLDER.`;

/** The folder of the data, if it is there; says what to download where it is not. */
export function findRoutingData(folder: string | undefined): string | undefined {
  const needed = ['mmlu', 'gsm8k-responses.csv', 'mt-bench-questions.jsonl'];
  const missing = needed.filter(name => folder === undefined || !existsSync(path.join(folder, name)));
  if (folder !== undefined && missing.length === 0) return folder;
  console.error(folder === undefined ? wanted : `${folder} has no ${missing.join(', no ')}.\n${wanted}`);
  return undefined;
}

const cells = z.tuple([z.string(), z.enum(['True', 'False']), z.enum(['True', 'False'])]).rest(z.string());

/** MMLU's questions, subject by subject in the order of the files. */
export function readMmlu(folder: string): ReadonlyArray<Question> {
  const files = readdirSync(path.join(folder, 'mmlu')).filter(name => name.endsWith('.csv'));
  return files.sort().flatMap(file => {
    const subject = path.basename(file, '.csv').replace(/^mmlu_/, '');
    return readRows(path.join(folder, 'mmlu', file)).map(
      ([prompt, cheap, strong], index): Question => ({
        id: `${subject} ${index}`,
        set: 'MMLU',
        subject,
        prompt,
        // A letter; which one was not recorded, and it is one token in any case.
        cheap: { isRight: cheap === 'True', text: 'A' },
        strong: { isRight: strong === 'True', text: 'A' },
      }),
    );
  });
}

/** GSM8K's questions, with the answers in words. */
export function readGsm8k(folder: string): ReadonlyArray<Question> {
  return readRows(path.join(folder, 'gsm8k-responses.csv')).map(
    ([prompt, cheap, strong, cheapText = '', strongText = ''], index): Question => ({
      id: `gsm8k ${index}`,
      set: 'GSM8K',
      subject: 'arithmetic',
      prompt,
      cheap: { isRight: cheap === 'True', text: cheapText },
      strong: { isRight: strong === 'True', text: strongText },
    }),
  );
}

function readRows(file: string): ReadonlyArray<z.output<typeof cells>> {
  const [head, ...rows] = parseCsv(readFileSync(file, 'utf8'));
  if (!head?.[1]?.includes('Mixtral') || !head[2]?.includes('gpt-4'))
    throw new Error(`${file} should have the columns prompt, Mixtral's verdict, GPT-4's verdict.`);
  return rows.map(row => cells.parse(row));
}
