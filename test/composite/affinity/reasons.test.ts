import type { ModelMessage } from 'ai';
import { generateText } from 'ai';
import { compositeMetadata, createComposite, isAnswer } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { stampOf } from '../../../src/fallback/history/stamp.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { httpError, scriptedModel } from '../../fallback/scripted-model.ts';
import { composeRoute, converse, inShort, minuteMs, ok } from './conversation.ts';

/** A history whose last answer has this stamp. */
const stamped = (stamp: string): ModelMessage[] => [
  { role: 'user', content: 'Hello' },
  {
    role: 'assistant',
    content: [{ type: 'text', text: 'Hi', providerOptions: { composite: { candidate: stamp } } }],
  },
  { role: 'user', content: 'And now?' },
];

/** The letter behind the stamp of an answer. */
async function letterOf(route: ReturnType<typeof composeRoute>, options: object = {}) {
  const { response } = await generateText({ model: route.ai, prompt: 'Hello', ...options });
  const [message] = response.messages;
  const part = typeof message?.content === 'object' ? message.content[0] : undefined;
  const stamp =
    part !== undefined && 'providerOptions' in part ? part.providerOptions?.composite?.candidate : undefined;
  return `${stamp}`.slice(stampOf('x').length);
}

const refusal = httpError({ statusCode: 400, data: { error: { code: 'unsupported' } } });
const image = {
  messages: [
    {
      role: 'user',
      content: [{ type: 'file', mediaType: 'image/png', data: 'AAAA' }],
    },
  ],
};

describe('the stamp of an answer', () => {
  test('has no letter at home, and nothing but seven letters and digits', async () => {
    expect(await letterOf(composeRoute())).toBe('');
  });

  test.each<readonly [letter: string, why: string, make: () => Promise<string>]>([
    ['d', 'was down', () => letterOf(composeRoute({ out: new Set(['first']) }))],
    [
      '0',
      'refused the request',
      () => letterOf(composeRoute({ turnOf: name => (name === 'first' ? { error: refusal } : ok) })),
    ],
    [
      'a',
      'was not the one that was pinned',
      () => letterOf(composeRoute(), { providerOptions: { composite: { candidate: 'second' } } }),
    ],
    [
      'a',
      'was excluded',
      () => letterOf(composeRoute(), { providerOptions: { composite: { exclude: ['first'] } } }),
    ],
    [
      'a',
      'was not in only',
      () => letterOf(composeRoute(), { providerOptions: { composite: { only: ['second'] } } }),
    ],
    [
      '',
      'was the one that was pinned',
      () => letterOf(composeRoute(), { providerOptions: { composite: { candidate: 'first' } } }),
    ],
    [
      '',
      'was down, on a route without affinity',
      () => letterOf(composeRoute({ out: new Set(['first']), options: { affinity: false } })),
    ],
    [
      '',
      'was down, where nobody is preferred for long',
      () => letterOf(composeRoute({ out: new Set(['first']), options: { order: 'least-busy' } })),
    ],
    [
      '',
      'was down, where a function orders',
      () => letterOf(composeRoute({ out: new Set(['first']), options: { order: () => [] } })),
    ],
    [
      '0',
      'was down, where no breaker remembers it',
      () => letterOf(composeRoute({ out: new Set(['first']), options: { circuitBreaker: false } })),
    ],
  ])('has "%s" where the first one %s', async (letter, _why, make) => {
    expect(await make()).toBe(letter);
  });

  test('of a candidate that was declared unable says so', async () => {
    const ai = createComposite(
      [
        { model: scriptedModel({ id: 'first', turns: [ok] }), name: 'first', capabilities: { image: false } },
        { model: scriptedModel({ id: 'second', turns: [ok] }), name: 'second' },
      ],
      { pricing: { catalog: false, onWarning: () => {} } },
    );
    expect(await letterOf({ ...composeRoute(), ai }, { prompt: undefined, ...image })).toBe('0');
  });

  test.each([
    ['seven letters', '', 'second stayed'],
    ['a letter of a later version', '?', 'second stayed'],
    ['two letters', 'dd', 'first'],
    ['why it was there', 'd', 'first returned down'],
  ])('with %s is read', async (_what, letter, expected) => {
    const { ai, clock } = composeRoute();
    await clock.advance(minuteMs);
    const report = compositeMetadata(
      await generateText({ model: ai, messages: stamped(stampOf('second') + letter) }),
    );
    expect(await inShort(Promise.resolve({ candidate: report?.candidate, affinity: report?.affinity }))).toBe(
      expected,
    );
  });

  test('with a letter tells whose ids and signatures a part has', async () => {
    const { ai, models } = composeRoute();
    const own = { thoughtSignature: 's' };
    const messages: ModelMessage[] = [
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: [
          {
            type: 'text',
            text: 'Hi',
            providerOptions: { composite: { candidate: `${stampOf('second')}d` }, scripted: own },
          },
        ],
      },
      { role: 'user', content: 'And now?' },
    ];
    for (const candidate of ['first', 'second'])
      await generateText({ model: ai, messages, providerOptions: { composite: { candidate } } });
    const seen = ['first', 'second'].map(name =>
      JSON.stringify(models.get(name)?.calls[0]?.prompt).includes('thoughtSignature'),
    );
    expect(seen).toEqual([false, true]);
  });
});

describe('a conversation that left because its candidate could not take a request', () => {
  const turnOf = (name: string) => (name === 'first' && refuses.now ? { error: refusal } : ok);
  const refuses = { now: false };

  test('comes back with the next turn, and waits for twice as many turns each time it has to leave again', async () => {
    const { ai } = composeRoute({ turnOf });
    const turn = converse({ ai });
    refuses.now = true;
    const served = [];
    for (let index = 0; index < 36; index++) served.push((await inShort(turn())).split(' ')[1] ?? 'new');
    // It tries the first one, which refuses each time.
    const asked = served.flatMap((word, index) => (word === 'stayed' ? [] : [index]));
    expect(asked).toEqual([0]);
    refuses.now = false;
    let turns = 0;
    while ((await turn()).candidate !== 'first') turns += 1;
    expect(turns).toBeLessThan(8);
  });

  test('is asked after the first one less and less often', async () => {
    const { ai, models } = composeRoute({ turnOf });
    const turn = converse({ ai });
    refuses.now = true;
    const asked = [];
    for (let index = 0; index < 36; index++) {
      const before = models.get('first')?.calls.length;
      await turn();
      if (models.get('first')?.calls.length !== before) asked.push(index);
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 23, 31]);
  });

  test('forgets at home how often it had to leave, a turn for each time', async () => {
    const { ai } = composeRoute({ turnOf });
    const turn = converse({ ai });
    const say = async (now: boolean) => {
      refuses.now = now;
      return (await turn()).candidate;
    };
    // Refused, back, refused again: a turn to wait.
    expect([await say(true), await say(false), await say(true)]).toEqual(['second', 'first', 'second']);
    expect([await say(false), await say(false)]).toEqual(['second', 'first']);
    // At home for as many turns as it had to leave, it starts anew.
    expect([await say(false), await say(false), await say(true)]).toEqual(['first', 'first', 'second']);
    expect(await say(false)).toBe('first');
  });
});

describe('a conversation that was asked to go elsewhere', () => {
  test.each([{ candidate: 'second' }, { only: ['second'] }, { exclude: ['first'] }])(
    'comes back as soon as nobody asks any more (%o)',
    async composite => {
      const { ai } = composeRoute();
      const turn = converse({ ai });
      expect((await turn({ composite })).candidate).toBe('second');
      expect((await turn({ composite })).candidate).toBe('second');
      expect(await turn()).toEqual({
        candidate: 'first',
        affinity: {
          candidate: 'first',
          source: 'history',
          decision: 'returned',
          from: 'second',
          reason: 'asked',
        },
      });
    },
  );

  test('comes back when a switch is on again', async () => {
    let isOn = false;
    const clock = createManualClock();
    const [first, second] = ['first', 'second'].map(id => scriptedModel({ id, turns: [ok] }));
    if (first === undefined || second === undefined) throw new Error('There are no models.');
    const ai = createComposite(
      [
        { model: first, name: 'first', enabled: () => isOn },
        { model: second, name: 'second' },
      ],
      { clock, pricing: { catalog: false, onWarning: () => {} } },
    );
    const turn = converse({ ai });
    expect([await inShort(turn()), await inShort(turn())]).toEqual(['second', 'second stayed']);
    isOn = true;
    expect(await inShort(turn())).toBe('first returned asked');
    expect(await inShort(turn())).toBe('first stayed');
  });

  test('comes back from a turn of another task, whose candidate its own route has too', async () => {
    const [one, two, three] = ['one', 'two', 'three'].map(id => scriptedModel({ id, turns: [ok] }));
    if (one === undefined || two === undefined || three === undefined)
      throw new Error('There are no models.');
    const ai = createComposite({
      tasks: { chat: [one, two], code: [two, three] },
      pricing: { catalog: false, onWarning: () => {} },
    });
    const turn = converse({ ai });
    const served = [];
    for (const task of ['chat', 'code', 'chat', 'chat', 'code', 'code'])
      served.push(await inShort(turn({ composite: { task } })));
    expect(served).toEqual([
      'scripted/one',
      'scripted/two left not-in-route',
      'scripted/one returned asked',
      'scripted/one stayed',
      'scripted/two left not-in-route',
      'scripted/two stayed',
    ]);
  });
});

describe('a conversation that left for want of room', () => {
  test('stays on what a budget could pay, until a price brings it back', async () => {
    const clock = createManualClock();
    const { ai } = composeRoute({
      clock,
      options: { budgets: [{ usd: 0.01, every: 'hour', onExceed: 'cheaper' }] },
      prices: {
        first: { inputTokens: 1_000, outputTokens: 1_000 },
        second: { inputTokens: 0, outputTokens: 0 },
      },
    });
    const turn = converse({ ai });
    expect(await inShort(turn())).toBe('second');
    await clock.advance(3_600_000);
    expect(await inShort(turn())).toBe('second stayed');
  });

  test('comes back when there is room again', async () => {
    const clock = createManualClock();
    const [first, second] = ['first', 'second'].map(id => scriptedModel({ id, turns: [ok] }));
    if (first === undefined || second === undefined) throw new Error('There are no models.');
    const ai = createComposite(
      [
        { model: first, name: 'first', rateLimit: { requestsPerMinute: 1 } },
        { model: second, name: 'second' },
      ],
      { clock, pricing: { catalog: false, onWarning: () => {} } },
    );
    const turn = converse({ ai });
    const other = converse({ ai });
    expect(await inShort(turn())).toBe('first');
    expect(await inShort(other())).toBe('second');
    await clock.advance(minuteMs);
    expect(await inShort(other())).toBe('first returned unable');
  });
});

describe('a conversation whose answer', () => {
  test('did not pass the judgement of its route comes back with the next turn, and then less often', async () => {
    const bad = { now: true };
    const { ai, models } = composeRoute({
      turnOf: name => (name === 'first' && bad.now ? { text: ['no idea'] } : ok),
      options: { fallbackWhen: isAnswer(({ text }) => text === 'no idea') },
    });
    const turn = converse({ ai });
    const asked = [];
    for (let index = 0; index < 9; index++) {
      const before = models.get('first')?.calls.length;
      expect((await turn()).candidate).toBe('second');
      if (models.get('first')?.calls.length !== before) asked.push(index);
    }
    expect(asked).toEqual([0, 1, 3, 7]);
    expect(ai.health().map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  test('broke off has left a candidate that was down, and comes back after a minute', async () => {
    const breaks = { now: true };
    const { ai, clock } = composeRoute({
      turnOf: name =>
        name === 'first' && breaks.now ? { text: ['half'], breakAfter: 3, error: new Error('cut') } : ok,
    });
    const turn = converse({ ai, mode: 'stream' });
    // Its report names who began it; the reader sees the break.
    expect(await inShort(turn())).toBe('first');
    breaks.now = false;
    expect(await inShort(turn())).toBe('second');
    await clock.advance(minuteMs - 1);
    expect(await inShort(turn())).toBe('second stayed');
    await clock.advance(1);
    expect(await inShort(turn())).toBe('first returned down');
  });

  test('was finished by another candidate is there because the first one was down', async () => {
    const breaks = { now: true };
    const { ai, clock } = composeRoute({
      options: { recover: 'continue' },
      turnOf: name =>
        name === 'first' && breaks.now
          ? { text: ['one ', 'two'], breakAfter: 3, error: new Error('cut') }
          : { text: ['one ', 'two ', 'three'] },
    });
    const turn = converse({ ai, mode: 'stream' });
    expect(await inShort(turn())).toBe('second');
    breaks.now = false;
    await clock.advance(minuteMs);
    expect(await inShort(turn())).toBe('first returned down');
  });

  test('needed what its candidate does not take comes back when the next one does not', async () => {
    const [first, second] = ['first', 'second'].map(id => scriptedModel({ id, turns: [ok] }));
    if (first === undefined || second === undefined) throw new Error('There are no models.');
    const ai = createComposite(
      [
        { model: first, name: 'first', capabilities: { image: false } },
        { model: second, name: 'second' },
      ],
      { pricing: { catalog: false, onWarning: () => {} } },
    );
    const picture: ModelMessage = {
      role: 'user',
      content: [{ type: 'file', mediaType: 'image/png', data: 'AAAA' }],
    };
    const messages: ModelMessage[] = [picture];
    const ask = async () => {
      const result = await generateText({ model: ai, messages });
      messages.push(...result.response.messages, { role: 'user', content: 'And now?' });
      const report = compositeMetadata(result);
      return inShort(Promise.resolve({ candidate: report?.candidate, affinity: report?.affinity }));
    };
    expect([await ask(), await ask()]).toEqual(['second', 'second stayed']);
    // The application leaves old pictures out.
    messages.splice(0, 1, { role: 'user', content: 'Hello' });
    expect([await ask(), await ask()]).toEqual(['first returned unable', 'first stayed']);
  });
});
