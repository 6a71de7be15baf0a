import { streamText } from 'ai';
import { bare, type Composer, emptyMiddleware, mainComposers } from '../contestants.ts';
import { type Contestant, type Effort, interleave } from '../measure.ts';
import {
  drain,
  instantModel,
  options,
  passThrough,
  pipedStream,
  pulledStream,
  readToText,
} from '../models.ts';
import { rowsOf, type Work } from '../table.ts';

/** Streamed answers: up to the first text, and whole. */
export async function measureStreams(effort: Effort): Promise<ReadonlyArray<Work>> {
  const everyone = [bare, emptyMiddleware, ...mainComposers] as const;
  const measure = (contestantOf: (composer: Composer) => Contestant) => {
    const [first, ...others] = everyone;
    return interleave({ contestants: [contestantOf(first), ...others.map(contestantOf)], effort });
  };
  const modelOf = (composer: Composer, deltas: number) =>
    composer.compose([
      instantModel({ modelId: 'a', stream: () => pipedStream(deltas) }),
      instantModel({ modelId: 'b' }),
    ]);

  const first = await measure(composer => {
    const model = modelOf(composer, 1);
    return {
      name: composer.name,
      run: async count => {
        for (let index = 0; index < count; index++) {
          const { stream } = await model.doStream(options);
          await (await readToText(stream)).cancel();
        }
      },
    };
  });
  const firstText = await measure(composer => {
    const model = modelOf(composer, 1);
    return {
      name: composer.name,
      run: async count => {
        for (let index = 0; index < count; index++) {
          const reader = streamText({ model, prompt: 'hello', maxRetries: 0 }).textStream.getReader();
          await reader.read();
          while (!(await reader.read()).done);
        }
      },
    };
  });
  const piped = (deltas: number) =>
    measure(composer => {
      const model = composer.compose([
        instantModel({ modelId: 'a', stream: () => pulledStream(deltas) }),
        instantModel({ modelId: 'b' }),
      ]);
      return {
        name: composer.name,
        run: async count => {
          for (let index = 0; index < count; index++)
            await drain((await model.doStream(options)).stream.pipeThrough(passThrough()));
        },
      };
    });
  const [short, long] = [await piped(10), await piped(1_000)];
  const texts = await measure(composer => {
    const model = modelOf(composer, 1_000);
    return {
      name: composer.name,
      run: async count => {
        for (let index = 0; index < count; index++)
          await drain(streamText({ model, prompt: 'hello', maxRetries: 0 }).textStream);
      },
    };
  });

  const ratios = { figure: 'ratio', unit: '' } as const;
  return [
    {
      id: 'first-output',
      title: '`doStream` up to the first text',
      figure: 'added',
      unit: 'µs',
      rows: rowsOf({ taken: first, figure: 'added' }),
    },
    {
      id: 'stream-text-1',
      title: '`streamText` with one delta, read to its end',
      ...ratios,
      rows: rowsOf({ taken: firstText, figure: 'ratio' }),
    },
    {
      id: 'stream-10',
      title: 'A whole stream of 10 deltas, piped as the SDK does',
      ...ratios,
      rows: rowsOf({ taken: short, figure: 'ratio' }),
    },
    {
      id: 'stream-1000',
      title: 'A whole stream of 1,000 deltas, piped as the SDK does',
      ...ratios,
      rows: rowsOf({ taken: long, figure: 'ratio' }),
    },
    {
      id: 'stream-text-1000',
      title: '`streamText` with 1,000 deltas, read as text',
      ...ratios,
      rows: rowsOf({ taken: texts, figure: 'ratio' }),
    },
  ];
}
