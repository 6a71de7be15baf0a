import { generateText } from 'ai';
import { bare, type Composer, composers, emptyMiddleware, mainComposers, tryCatch } from '../contestants.ts';
import { type Effort, interleave } from '../measure.ts';
import { instantModel, options, unavailable } from '../models.ts';
import { rowsOf, type Work } from '../table.ts';

/** Generated answers: what a layer adds to a call, to `generateText`, and to a call whose first model is down. */
export async function measureCalls(effort: Effort): Promise<ReadonlyArray<Work>> {
  const healthy = (composer: Composer) =>
    composer.compose([instantModel({ modelId: 'a' }), instantModel({ modelId: 'b' })]);
  const called = (composer: Composer) => {
    const model = healthy(composer);
    return {
      name: composer.name,
      run: async (count: number) => {
        for (let index = 0; index < count; index++) await model.doGenerate(options);
      },
    };
  };
  const generated = (composer: Composer) => {
    const model = healthy(composer);
    return {
      name: composer.name,
      run: async (count: number) => {
        for (let index = 0; index < count; index++)
          await generateText({ model, prompt: 'hello', maxRetries: 0 });
      },
    };
  };
  const fallenBack = (composer: Composer) => {
    const model = composer.compose([
      instantModel({ modelId: 'down', failure: unavailable }),
      instantModel({ modelId: 'b' }),
    ]);
    return {
      name: composer.name,
      run: async (count: number) => {
        for (let index = 0; index < count; index++) {
          composer.startOver?.(model);
          await model.doGenerate(options);
        }
      },
    };
  };

  const calls = await interleave({
    contestants: [called(bare), called(emptyMiddleware), ...composers.map(called)],
    effort,
  });
  const texts = await interleave({
    contestants: [generated(bare), generated(emptyMiddleware), ...composers.map(generated)],
    effort,
  });
  const fallbacks = await interleave({
    contestants: [fallenBack(tryCatch), ...mainComposers.map(fallenBack)],
    effort,
  });
  return [
    {
      id: 'doGenerate',
      title: '`doGenerate` on a model that answers at once',
      figure: 'added',
      unit: 'µs',
      rows: rowsOf({ taken: calls, figure: 'added' }),
    },
    {
      id: 'generateText',
      title: '`generateText` on a model that answers at once',
      figure: 'ratio',
      unit: '',
      rows: rowsOf({ taken: texts, figure: 'ratio' }),
    },
    {
      id: 'fallback',
      title: 'A fallback: the first model fails at once, the second one answers',
      figure: 'added',
      unit: 'µs',
      rows: rowsOf({ taken: fallbacks, figure: 'added' }),
    },
  ];
}
