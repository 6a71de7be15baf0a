/**
 * Measures routing: `npm run bench:routing -- --data=FOLDER`. Which task classifiers find, and what routers gain and cost on
 * RouteLLM's recorded answers. `--only=tasks` or `--only=money`; `--docs` writes the tables into docs/routing-results.md;
 * `--smoke` only looks whether everything runs. `--model=openai/gpt-6-luna`, `--decision-model=...` and `--embedding-model=...`
 * measure classifiers that ask a model, with a key from the environment.
 */
import { writeTables } from './docs-page.ts';
import { describeData, measureMoney } from './money/measure-money.ts';
import { findRoutingData } from './routing-data.ts';
import { measureTasks } from './tasks/measure-tasks.ts';

const flag = (name: string) => process.argv.includes(`--${name}`);
const value = (name: string) =>
  process.argv.find(argument => argument.startsWith(`--${name}=`))?.slice(`--${name}=`.length);
const wants = (part: string) => (value('only') ?? part).split(',').includes(part);

const isSmoke = flag('smoke');
const folder = findRoutingData(value('data') ?? process.env.ROUTING_DATA);

if (wants('tasks')) {
  const named = {
    model: value('model'),
    decisionModel: value('decision-model'),
    embeddingModel: value('embedding-model'),
  };
  show({ name: 'tasks', text: await measureTasks({ named, folder, isSmoke }) });
}

if (wants('money') && folder !== undefined) {
  console.error(describeData(folder));
  show({ name: 'money', text: await measureMoney({ folder, isFull: flag('full') }) });
}

function show(tables: { readonly name: string; readonly text: string }): void {
  console.log(`${tables.text}\n`);
  if (flag('docs')) writeTables(tables);
}
