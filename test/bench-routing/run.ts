/**
 * Measures routing: `npm run bench:routing -- --data=FOLDER`. Which task classifiers find, and what routers gain and cost on
 * RouteLLM's recorded answers. `--only=tasks` or `--only=money`; `--full` plays all of the questions; `--docs` writes the tables
 * into docs/routing-results.md; `--smoke` only looks whether everything runs, without data. `--model=openai/gpt-6-luna`, `--decision-model=...` and `--embedding-model=...`
 * measure classifiers that ask a model, with a key from the environment.
 */
import { writeTables } from './docs-page.ts';
import { madeUpQuestions } from './money/made-up-questions.ts';
import { describeQuestions, measureMoney } from './money/measure-money.ts';
import { findRoutingData, readGsm8k, readMmlu } from './routing-data.ts';
import { measureTasks } from './tasks/measure-tasks.ts';

const flag = (name: string) => process.argv.includes(`--${name}`);
const value = (name: string) =>
  process.argv.find(argument => argument.startsWith(`--${name}=`))?.slice(`--${name}=`.length);
const wants = (part: string) => (value('only') ?? part).split(',').includes(part);

const isSmoke = flag('smoke');
const named = value('data') ?? process.env.ROUTING_DATA;
// A short run needs no data, so nobody is told where it is.
const folder = isSmoke && named === undefined ? undefined : findRoutingData(named);

if (wants('tasks')) {
  const models = {
    model: value('model'),
    decisionModel: value('decision-model'),
    embeddingModel: value('embedding-model'),
  };
  show({ name: 'tasks', text: await measureTasks({ models, folder, isSmoke }) });
}

if (wants('money') && (folder !== undefined || isSmoke)) {
  const questions =
    folder === undefined ? madeUpQuestions() : { mmlu: readMmlu(folder), gsm8k: readGsm8k(folder) };
  console.error(describeQuestions(questions));
  show({ name: 'money', text: await measureMoney({ questions, isFull: flag('full'), isSmoke }) });
}

function show(tables: { readonly name: string; readonly text: string }): void {
  console.log(`${tables.text}\n`);
  if (flag('docs') && !isSmoke) writeTables(tables);
}
