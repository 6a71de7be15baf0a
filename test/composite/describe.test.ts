import { createComposite } from 'ai-composite';
import { expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

const model = (id: string) => scriptedModel({ id, turns: [{ text: ['ok'] }] });

test('a composite describes its routes as a table', () => {
  const shared = model('small');
  const ai = createComposite({
    tasks: {
      code: {
        candidates: [
          {
            model: model('large'),
            name: 'large',
            attempts: 3,
            capabilities: { pdf: false, audio: false, image: true, contextWindow: 128_000 },
          },
          { model: shared, name: 'small', timeout: { firstChunkMs: 2_500 } },
        ],
        order: { weights: { large: 1, small: 9 } },
      },
      fast: { candidates: [{ model: shared, name: 'small' }, model('tiny')], order: 'cheapest' },
      odd: {
        candidates: [model('one'), model('two')],
        order: ({ candidates }) => candidates.map(({ name }) => name),
        timeout: { firstChunkMs: Number.POSITIVE_INFINITY },
      },
    },
    defaultTask: 'fast',
  });
  expect(ai.describe().split('\n')).toEqual([
    'task    order                      candidate      provider  model  attempts  first output  without',
    '------  -------------------------  -------------  --------  -----  --------  ------------  -----------------------------------',
    'code    weights: large 1, small 9  large          scripted  large  3         10 s          pdf, audio, more than 128000 tokens',
    '                                   small          scripted  small  2         2.5 s',
    'fast *  cheapest                   small          scripted  small  2         10 s',
    '                                   scripted/tiny  scripted  tiny   2         10 s',
    'odd     function                   scripted/one   scripted  one    2         any time',
    '                                   scripted/two   scripted  two    2         any time',
  ]);
});

test('what a route recovers by has a column where a route recovers', () => {
  const ai = createComposite({
    tasks: { code: [model('one')], chat: { candidates: [model('two')], recover: false } },
    recover: 'buffer',
  });
  expect(ai.describe().split('\n')).toEqual([
    'task    order   recovers by  candidate     provider  model  attempts  first output  without',
    '------  ------  -----------  ------------  --------  -----  --------  ------------  -------',
    'code *  listed  buffer       scripted/one  scripted  one    2         10 s',
    'chat    listed               scripted/two  scripted  two    2         10 s',
  ]);
});

test('when conversations come back has a column where a route says so', () => {
  const pair = [model('one'), model('two')];
  const ai = createComposite({
    tasks: {
      code: pair,
      chat: { candidates: pair, affinity: { returnWhen: 'never' } },
      fast: { candidates: pair, affinity: false },
    },
  });
  expect(
    ai
      .describe()
      .split('\n')
      .map(line => line.slice(0, 44).trimEnd()),
  ).toEqual([
    'task    order   comes back   candidate     p',
    '------  ------  -----------  ------------  -',
    'code *  listed               scripted/one  s',
    '                             scripted/two  s',
    'chat    listed  never        scripted/one  s',
    '                             scripted/two  s',
    'fast    listed  no affinity  scripted/one  s',
    '                             scripted/two  s',
  ]);
});
