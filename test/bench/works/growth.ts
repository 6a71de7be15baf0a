import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { createComposite } from 'ai-composite';
import { type Contestant, type Effort, interleave } from '../measure.ts';
import { instantModel, options, unavailable } from '../models.ts';
import { type Row, rowsOf, type Work } from '../table.ts';

const price = { inputTokens: 1, outputTokens: 2 };
const candidates = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ model: instantModel({ modelId: `m${index}` }), price }));

/** How the time of a call grows with everything there may be many of; each line beside the smallest of its kind. */
export async function measureGrowth(effort: Effort): Promise<ReadonlyArray<Work>> {
  const growths: ReadonlyArray<{ readonly of: string; readonly contestants: ReadonlyArray<Contestant> }> = [
    { of: 'candidates', contestants: [1, 10, 50].map(count => called(`${count}`, { candidates: count })) },
    { of: 'tasks', contestants: [1, 50, 500].map(count => called(`${count}`, { tasks: count })) },
    { of: 'observers', contestants: [0, 3].map(count => called(`${count}`, { observers: count > 0 })) },
    { of: 'open breakers', contestants: await Promise.all([0, 1, 10].map(openBreakers)) },
    {
      of: 'messages',
      contestants: [1, 10, 100, 1_000, 10_000].map(count => called(`${count}`, { messages: count })),
    },
    { of: 'text', contestants: [1, 100, 1_000].map(kB => called(`${kB} kB`, { textKilobytes: kB })) },
    { of: 'tools', contestants: [0, 10, 200].map(count => called(`${count}`, { tools: count })) },
  ];
  const rows: Row[] = [];
  for (const {
    of,
    contestants: [first, ...others],
  } of growths) {
    if (first === undefined) continue;
    const taken = await interleave({ contestants: [first, ...others], effort });
    rows.push(...rowsOf({ taken, figure: 'added' }).map(row => ({ ...row, name: `${of}: ${row.name}` })));
  }
  const title = 'A call against what there is much of; the first row of each is the whole call';
  return [{ id: 'growth', title, figure: 'added', unit: 'µs', rows }];
}

type Many = {
  readonly candidates?: number;
  readonly tasks?: number;
  readonly observers?: boolean;
  readonly messages?: number;
  readonly textKilobytes?: number;
  readonly tools?: number;
};

function called(name: string, many: Many): Contestant {
  const shared = candidates(many.candidates ?? 2);
  const tasks = Array.from({ length: many.tasks ?? 1 }, (_, index) => [`task${index}`, shared] as const);
  const ignore = () => {};
  const model = createComposite({
    tasks: Object.fromEntries(tasks),
    ...(many.observers && { onAttemptStart: ignore, onAttemptEnd: ignore, onCallEnd: ignore }),
  });
  const callOptions = optionsWith(many);
  return {
    name,
    run: async count => {
      for (let index = 0; index < count; index++) await model.doGenerate(callOptions);
    },
  };
}

async function openBreakers(down: number): Promise<Contestant> {
  const failing = Array.from({ length: down }, (_, index) => ({
    model: instantModel({ modelId: `down${index}`, failure: unavailable }),
    price,
  }));
  const model = createComposite({
    tasks: { default: { candidates: [...failing, ...candidates(1)], attempts: 1 } },
    retryBudget: { maxTokens: 1_000_000 },
    // Nobody comes back while this measures.
    circuitBreaker: { failureThreshold: 1, cooldownMs: 3_600_000, maxCooldownMs: 3_600_000 },
  });
  await model.doGenerate(options);
  return {
    name: `${down}`,
    run: async count => {
      for (let index = 0; index < count; index++) await model.doGenerate(options);
    },
  };
}

function optionsWith({ messages = 1, textKilobytes, tools = 0 }: Many): LanguageModelV4CallOptions {
  const text = textKilobytes === undefined ? 'hello' : 'lorem ipsum '.repeat((textKilobytes * 1_000) / 12);
  return {
    prompt: Array.from({ length: messages }, (_, index) =>
      index % 2 === 0
        ? { role: 'user', content: [{ type: 'text', text }] }
        : { role: 'assistant', content: [{ type: 'text', text: 'an answer' }] },
    ),
    ...(tools > 0 && {
      tools: Array.from({ length: tools }, (_, index) => ({
        type: 'function' as const,
        name: `tool${index}`,
        description: 'Looks something up.',
        inputSchema: { type: 'object' as const, properties: { query: { type: 'string' as const } } },
      })),
    }),
  };
}
