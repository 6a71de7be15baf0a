import { styleText } from 'node:util';
import { streamText } from 'ai';
import { compositeCost, compositeMetadata, createComposite } from 'ai-composite';
import { available, ofoxPrices, openOfox, openProviders, type Providers } from './providers.ts';
import { formatRows, type Row } from './table.ts';

/** Four tasks, three providers: for each task the model that suits it best, then who stands in. */
function composeTasks({ openai, ofox, google }: Providers) {
  // A model that serves two tasks is made once, so that both know when it is down.
  const sonnet = ofox?.('anthropic/claude-sonnet-5');
  const opus = ofox?.('anthropic/claude-opus-5.5');
  const sol = openai?.('gpt-6-sol');
  const pro = google?.('gemini-3.1-pro-preview');
  return createComposite({
    tasks: {
      code: available([sonnet, sol, pro]),
      creative: available([openai?.('gpt-6-astra'), opus, pro]),
      fast: available([google?.('gemini-3.8-flash'), openai?.('gpt-6-luna'), sonnet]),
      analysis: available([opus, pro, sol]),
    },
    prices: ofoxPrices,
    retry: { initialDelayMs: 50 },
  });
}

const prompts = {
  code: 'Write a one-line TypeScript function that reverses a string.',
  creative: 'Name a café on the moon, in one sentence.',
  fast: 'Which is the largest planet? One word.',
  analysis: 'Name one security risk of eval, in one sentence.',
} as const;
type Task = keyof typeof prompts;

/** Asks for a streamed answer and prints it as it comes; returns its row of the table. */
async function ask({
  ai,
  task,
}: {
  readonly ai: ReturnType<typeof composeTasks>;
  readonly task: Task;
}): Promise<Row> {
  process.stdout.write(`${styleText('cyan', task.padEnd(9))} `);
  let failure: unknown;
  const onError = ({ error }: { readonly error: unknown }) => {
    failure = error;
  };
  const result = streamText({ model: ai(task), prompt: prompts[task], onError });
  for await (const text of result.textStream) process.stdout.write(text);
  process.stdout.write('\n');
  if (failure !== undefined) {
    console.log(styleText('red', `Failed. ${failure instanceof Error ? failure.message : String(failure)}`));
    return { task };
  }
  const report = await compositeMetadata(result);
  return {
    task,
    ...(report !== undefined && { report }),
    usage: await result.usage,
    cost: await compositeCost(result),
  };
}

const heading = (text: string) => console.log(`\n${styleText('bold', text)}`);

const providers = await openProviders();
try {
  console.log(providers.description);
  const ai = composeTasks(providers);
  const rows: Row[] = [];

  heading('A streamed answer for each task');
  for (const task of ai.tasks) rows.push(await ask({ ai, task }));

  if (providers.simulators !== undefined) {
    const { setFault, openaiUrl } = providers.simulators;
    heading('Gemini is down: another candidate of "fast" answers');
    setFault({ modelId: 'gemini-3.8-flash', fault: 'down' });
    rows.push(await ask({ ai, task: 'fast' }));

    heading('The stream of gpt-6-astra breaks off before its first word: the reader sees one whole answer');
    setFault({ modelId: 'gpt-6-astra', fault: 'cut' });
    rows.push(await ask({ ai, task: 'creative' }));

    heading('The key for Claude is broken');
    const ofox = openOfox({ baseURL: openaiUrl, apiKey: 'broken-key' });
    rows.push(await ask({ ai: composeTasks({ ...providers, ofox }), task: 'code' }));
  }

  heading('What happened and what it cost');
  console.log(formatRows(rows));
  console.log('A cost with ≥ may be higher: a provider can bill an answer that broke off.');
  if (providers.simulators !== undefined)
    console.log('The prices are real, the token counts are simulated: nothing was billed.');
  if (rows.some(({ report }) => report === undefined)) process.exitCode = 1;
} finally {
  await providers.close();
}
