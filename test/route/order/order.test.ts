import { InvalidArgumentError } from '@ai-sdk/provider';
import { createComposite, createPriceCatalog, type Price } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { openComposite } from '../../../src/call/open-composite.ts';
import { planCall } from '../../../src/call/prepare-plan.ts';
import { readRequest } from '../../../src/call/request.ts';
import type { CallType } from '../../../src/candidate/call-options.ts';
import type { Order } from '../../../src/route/order/order.ts';
import type { OrderContext } from '../../../src/route/order/order-function.ts';
import { parseSettings } from '../../../src/settings/settings.ts';
import { createLatency, type LatencySample } from '../../../src/state/observed/latency.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { scriptedModel } from '../../fallback/scripted-model.ts';
import { call, collect, rejection } from '../../testing/call.ts';

const modelOf = (id: string) => scriptedModel({ id, turns: [{ text: ['ok'] }] });

/** USD per 1M tokens of input and output alike. */
const flat = (usd: number): Price => ({ inputTokens: usd, outputTokens: usd });

/** Random numbers in their order; running out is a defect of the test. */
function randomOf(...numbers: readonly number[]): () => number {
  const left = [...numbers];
  return () => {
    const next = left.shift();
    if (next === undefined) throw new Error('No random number was scripted.');
    return next;
  };
}

/** Settings of a JavaScript user: the types forbid them, so here is the one cast. */
const untyped = (order: () => unknown): Order => order as Order;

type Sample = Pick<LatencySample, 'firstChunkMs'> & Partial<LatencySample> & { readonly name: string };

/** A route of a, b and c in this order, and what one call's plan says. */
function planOf({
  order,
  prices = {},
  samples = [],
  random = randomOf(),
  pin,
  skip,
  open,
  type = 'stream',
}: {
  readonly order: Order;
  readonly prices?: Readonly<Record<string, Price>>;
  readonly samples?: ReadonlyArray<Sample>;
  readonly random?: () => number;
  readonly pin?: string;
  /** Cannot use tools, which the call needs. */
  readonly skip?: string;
  /** Its circuit breaker is open. */
  readonly open?: string;
  readonly type?: CallType;
}) {
  const clock = createManualClock();
  const composite = openComposite(
    parseSettings({
      tasks: {
        chat: {
          order,
          candidates: ['a', 'b', 'c'].map(name => {
            const price = prices[name];
            return {
              model: modelOf(name),
              name,
              ...(price !== undefined && { price }),
              ...(name === skip && { capabilities: { tools: false } }),
            };
          }),
        },
      },
      clock,
      pricing: { catalog: false },
      // A breaker asks for jitter once when it opens.
      random: open === undefined ? random : () => (isOpened ? random() : 0),
    }),
  );
  let isOpened = false;
  for (const { name, identity } of composite.candidates) {
    if (name === open)
      composite.state.breakers.of({ identity }).begin(clock.now())({
        kind: 'auth',
        error: new Error('bad key'),
      });
    for (const sample of samples)
      if (sample.name === name)
        composite.state.latency.record({
          type: 'stream',
          outcome: 'success',
          durationMs: 60_000,
          ...sample,
          identity,
        });
  }
  isOpened = true;
  const plan = planCall({
    composite,
    pinnedTask: undefined,
    request: readRequest(
      call({
        maxOutputTokens: 1_000_000,
        prompt: [],
        ...(pin !== undefined && { providerOptions: { composite: { candidate: pin } } }),
      }),
    ),
    startedAtMs: clock.now(),
    type,
  });
  if (plan instanceof Promise) throw new Error('The plan needed a promise.');
  const steps = plan.steps.map(({ candidate, reason, score }) =>
    [candidate.name, reason, score === undefined ? '' : Math.round(score * 100) / 100].join(' ').trimEnd(),
  );
  return { steps, warnings: plan.warnings };
}

type Case = Parameters<typeof planOf>[0] & {
  readonly name: string;
  readonly steps: ReadonlyArray<string>;
  readonly warnings?: ReadonlyArray<string>;
};

const inOrder = ({ name, steps, warnings = [], ...input }: Case) =>
  test(name, () => expect(planOf(input)).toEqual({ steps, warnings }));

describe("order 'listed'", () => {
  inOrder({
    name: 'asks as written and looks at nothing',
    order: 'listed',
    prices: { a: flat(9), b: flat(1) },
    samples: [{ name: 'c', firstChunkMs: 1 }],
    steps: ['a listed', 'b listed', 'c listed'],
  });
});

describe("order 'cheapest'", () => {
  const prices = { a: flat(3), b: flat(1), c: flat(2) };
  inOrder({
    name: 'asks the lowest price first',
    order: 'cheapest',
    prices,
    steps: ['b cheapest 1', 'c cheapest 2', 'a cheapest 3'],
  });
  inOrder({
    name: 'puts an unknown price last',
    order: 'cheapest',
    prices: { b: flat(2), c: flat(1) },
    steps: ['c cheapest 1', 'b cheapest 2', 'a price-unknown'],
  });
  inOrder({
    name: 'keeps the listed order of equal prices, and of unknown ones',
    order: 'cheapest',
    prices: { c: flat(1) },
    steps: ['c cheapest 1', 'a price-unknown', 'b price-unknown'],
  });
  inOrder({
    name: 'takes a price of nothing for the lowest',
    order: 'cheapest',
    prices: { a: flat(1), c: flat(0) },
    steps: ['c cheapest 0', 'a cheapest 1', 'b price-unknown'],
  });
  inOrder({
    name: 'asks an open candidate last, cheap as it is',
    order: 'cheapest',
    prices,
    open: 'b',
    steps: ['c cheapest 2', 'a cheapest 3', 'b circuit-open 1'],
  });
  inOrder({
    name: 'skips who cannot serve',
    order: 'cheapest',
    prices,
    skip: 'b',
    steps: ['c cheapest 2', 'a cheapest 3'],
  });
  inOrder({ name: 'leaves a pin alone', order: 'cheapest', prices, pin: 'a', steps: ['a pinned'] });

  test('weighs input and longest output of this very request', async () => {
    const longInput = { name: 'long-input', model: modelOf('x'), price: { inputTokens: 1, outputTokens: 9 } };
    const longOutput = {
      name: 'long-output',
      model: modelOf('y'),
      price: { inputTokens: 9, outputTokens: 1 },
    };
    const ai = createComposite({
      tasks: { chat: [longInput, longOutput] },
      order: 'cheapest',
      pricing: { catalog: false, estimateTokens: text => text.length },
    });
    const firstFor = async (input: number, maxOutputTokens: number) => {
      const prompt = [
        { role: 'user' as const, content: [{ type: 'text' as const, text: 'x'.repeat(input) }] },
      ];
      const { steps } = await ai.plan({ prompt, maxOutputTokens });
      return steps[0]?.candidate;
    };
    expect([await firstFor(1_000, 10), await firstFor(10, 1_000)]).toEqual(['long-input', 'long-output']);
  });

  test('waits for the catalog once and plans without a promise from then on', async () => {
    const composite = openComposite(
      parseSettings({
        tasks: {
          chat: [
            {
              model: scriptedModel({ provider: 'openai.responses', id: 'gpt-4.1', turns: [] }),
              name: 'large',
            },
            {
              model: scriptedModel({ provider: 'openai.responses', id: 'gpt-4.1-nano', turns: [] }),
              name: 'small',
            },
          ],
        },
        order: 'cheapest',
      }),
    );
    const plan = () =>
      planCall({ composite, pinnedTask: undefined, startedAtMs: 0, request: readRequest(call()) });
    const first = plan();
    expect(first).toBeInstanceOf(Promise);
    const second = plan();
    const known = await first;
    await second;
    const later = plan();
    expect(later).not.toBeInstanceOf(Promise);
    expect(known.steps.map(({ candidate }) => candidate.name)).toEqual(['small', 'large']);
    expect(await later).toEqual(known);
  });

  test('keeps the listed order where the catalog cannot be loaded or the estimator fails', async () => {
    const catalog = { ...createPriceCatalog(), load: async () => Promise.reject(new Error('offline')) };
    const estimateTokens = () => {
      throw new Error('no tokens today');
    };
    const lookUpNow = () => {
      throw new Error('no list today');
    };
    let lookups = 0;
    const throwing = { ...catalog, lookUpNow };
    const throwingLater = {
      ...catalog,
      load: async () => {},
      lookUpNow: () => (lookups++ < 2 ? undefined : lookUpNow()),
    };
    for (const pricing of [
      { catalog },
      { catalog: throwing },
      { catalog: throwingLater },
      { catalog: false as const, estimateTokens },
      { estimateTokens },
    ]) {
      const composite = openComposite(
        parseSettings({
          tasks: { chat: [modelOf('a'), modelOf('b')] },
          order: 'cheapest',
          prices: { 'nobody/*': flat(1) },
          pricing,
        }),
      );
      const plan = await planCall({
        composite,
        pinnedTask: undefined,
        startedAtMs: 0,
        request: readRequest(call()),
      });
      expect(plan.steps.map(({ candidate, reason }) => `${candidate.name} ${reason}`)).toEqual([
        'scripted/a price-unknown',
        'scripted/b price-unknown',
      ]);
    }
  });
});

describe("order 'fastest'", () => {
  const samples = [
    { name: 'a', firstChunkMs: 300 },
    { name: 'b', firstChunkMs: 100 },
    { name: 'c', firstChunkMs: 200 },
  ];
  inOrder({
    name: 'asks the lowest time to first output first',
    order: 'fastest',
    samples,
    random: randomOf(0.05),
    steps: ['b fastest 100', 'c fastest 200', 'a fastest 300'],
  });
  inOrder({
    name: 'asks everybody as listed while nothing is known',
    order: 'fastest',
    random: randomOf(0.5),
    steps: ['a exploration', 'b exploration', 'c exploration'],
  });
  inOrder({
    name: 'asks who was not tried before the fast',
    order: 'fastest',
    samples: samples.slice(0, 2),
    random: randomOf(0.5),
    steps: ['c exploration', 'b fastest 100', 'a fastest 300'],
  });
  inOrder({
    name: 'asks a random one first now and then',
    order: 'fastest',
    samples,
    random: randomOf(0.049, 0),
    steps: ['a exploration 300', 'b fastest 100', 'c fastest 200'],
  });
  inOrder({
    name: 'asks last who was tried and never had output',
    order: 'fastest',
    samples: [...samples.slice(1), { name: 'a', firstChunkMs: undefined, outcome: 'failure', durationMs: 5 }],
    random: randomOf(0.5),
    steps: ['b fastest 100', 'c fastest 200', 'a speed-unknown'],
  });
  inOrder({
    name: 'asks an open candidate last, fast as it is',
    order: 'fastest',
    samples,
    open: 'b',
    random: randomOf(0.5),
    steps: ['c fastest 200', 'a fastest 300', 'b circuit-open 100'],
  });
  inOrder({
    name: 'goes by generated answers for generated answers',
    order: 'fastest',
    samples: [
      ...samples,
      ...samples.map(({ name, firstChunkMs }) => ({
        name,
        firstChunkMs: 1_000 - firstChunkMs,
        type: 'generate' as const,
      })),
    ],
    type: 'generate',
    random: randomOf(0.5),
    steps: ['a fastest 700', 'c fastest 800', 'b fastest 900'],
  });
  inOrder({ name: 'leaves a pin alone', order: 'fastest', samples, pin: 'a', steps: ['a pinned'] });
});

describe('order by weights', () => {
  inOrder({
    name: 'draws by weight, without replacement',
    order: { weights: { a: 1, b: 2, c: 1 } },
    random: randomOf(0.25, 0.5, 0.99),
    steps: ['b weighted 2', 'c weighted 1', 'a weighted 1'],
  });
  inOrder({
    name: 'keeps who has no weight, or 0, as fallbacks in the listed order',
    order: { weights: { b: 0, c: 0.1 } },
    random: randomOf(0.999),
    steps: ['c weighted 0.1', 'a weighted 0', 'b weighted 0'],
  });
  inOrder({
    name: 'draws nobody without weight, whatever rounding leaves over',
    order: { weights: { a: 1, b: 1, c: 0 } },
    random: randomOf(1, 1),
    steps: ['b weighted 1', 'a weighted 1', 'c weighted 0'],
  });
  inOrder({
    name: 'asks as listed where all that have weight are skipped',
    order: { weights: { c: 1 } },
    skip: 'c',
    steps: ['a weighted 0', 'b weighted 0'],
  });
  inOrder({
    name: 'asks an open candidate last, heavy as it is',
    order: { weights: { a: 1, b: 1, c: 8 } },
    open: 'c',
    random: randomOf(0.9, 0.1, 0.1),
    steps: ['a weighted 1', 'b weighted 1', 'c circuit-open 8'],
  });

  test('gives each its share of the first places', () => {
    const first = Array.from({ length: 100 }, (_, index) => {
      const random = () => (index + 0.5) / 100;
      return planOf({ order: { weights: { a: 7, b: 2, c: 1 } }, random }).steps[0];
    });
    const count = (name: string) => first.filter(step => step?.startsWith(name)).length;
    expect([count('a'), count('b'), count('c')]).toEqual([70, 20, 10]);
  });
});

describe('order by a function', () => {
  inOrder({
    name: 'asks as it says',
    order: () => ['c', 'a', 'b'],
    steps: ['c function', 'a function', 'b function'],
  });
  inOrder({
    name: 'appends those it leaves out as listed, and counts a name once',
    order: () => ['c', 'c'],
    steps: ['c function', 'a listed', 'b listed'],
  });
  inOrder({
    name: 'ignores unknown names with a warning',
    order: () => ['b', 'z', 'y'],
    steps: ['b function', 'a listed', 'c listed'],
    warnings: ['The order function named "z", "y"; candidates are a, b, c.'],
  });
  inOrder({
    name: 'may name who was skipped',
    order: () => ['c', 'b', 'a'],
    skip: 'c',
    steps: ['b function', 'a function'],
  });
  inOrder({
    name: 'falls back to the listed order with a warning where it throws',
    order: () => {
      throw new Error('secret');
    },
    steps: ['a listed', 'b listed', 'c listed'],
    warnings: ['The order function failed (Error); used the listed order.'],
  });
  for (const [name, answer] of [
    ['a promise', () => Promise.reject(new Error('late'))],
    ['a single name', () => 'a'],
    ['nothing', () => undefined],
  ] as const) {
    inOrder({
      name: `falls back to the listed order with a warning where it answers ${name}`,
      order: untyped(answer),
      steps: ['a listed', 'b listed', 'c listed'],
      warnings: ['The order function answered no list of candidate names; used the listed order.'],
    });
  }
  inOrder({
    name: 'asks an open candidate last, wanted as it is',
    order: () => ['c', 'b', 'a'],
    open: 'c',
    steps: ['b function', 'a function', 'c circuit-open'],
  });

  test('sees who can serve, with cost and speed, and the options of the call', () => {
    const seen: OrderContext[] = [];
    planOf({
      order: context => {
        seen.push(context);
        return [];
      },
      prices: { a: flat(2) },
      samples: [{ name: 'b', firstChunkMs: 120 }],
      skip: 'c',
    });
    expect(seen.map(({ candidates }) => candidates)).toEqual([
      [
        {
          name: 'a',
          provider: 'scripted',
          modelId: 'a',
          cost: expect.objectContaining({ maxUsd: 2.000054 }),
        },
        {
          name: 'b',
          provider: 'scripted',
          modelId: 'b',
          cost: expect.not.objectContaining({ maxUsd: expect.anything() }),
          firstChunkMs: 120,
        },
      ],
    ]);
    expect(seen[0]?.options.maxOutputTokens).toBe(1_000_000);
  });
});

describe('observed speed', () => {
  const identity = {};
  const observe = async (samples: ReadonlyArray<Partial<LatencySample> & { readonly afterMs?: number }>) => {
    const clock = createManualClock();
    const latency = createLatency({ clock });
    for (const { afterMs = 0, ...sample } of samples) {
      await clock.advance(afterMs);
      latency.record({
        identity,
        type: 'stream',
        outcome: 'success',
        firstChunkMs: undefined,
        durationMs: 9_000,
        ...sample,
      });
    }
    return latency;
  };
  const table: ReadonlyArray<{
    readonly name: string;
    readonly samples: Parameters<typeof observe>[0];
    readonly firstChunkMs: number | undefined;
  }> = [
    { name: 'is the first sample', samples: [{ firstChunkMs: 100 }], firstChunkMs: 100 },
    {
      name: 'moves by a fifth with a sample at once',
      samples: [{ firstChunkMs: 100 }, { firstChunkMs: 200 }],
      firstChunkMs: 120,
    },
    {
      name: 'loses half of its say in a minute',
      samples: [{ firstChunkMs: 100 }, { firstChunkMs: 200, afterMs: 60_000 }],
      firstChunkMs: 150,
    },
    {
      name: 'has no say left after an hour',
      samples: [{ firstChunkMs: 100 }, { firstChunkMs: 200, afterMs: 3_600_000 }],
      firstChunkMs: 200,
    },
    {
      name: 'is not known from a failure',
      samples: [{ outcome: 'failure', durationMs: 5 }],
      firstChunkMs: undefined,
    },
    {
      name: 'is not improved by a quick failure',
      samples: [{ firstChunkMs: 100 }, { outcome: 'failure', durationMs: 5 }],
      firstChunkMs: 100,
    },
    {
      name: 'is not known from a generated answer that was refused',
      samples: [{ type: 'generate', outcome: 'failure', firstChunkMs: 5, durationMs: 5 }],
      firstChunkMs: undefined,
    },
    {
      name: 'gets worse by a silence that was longer',
      samples: [{ firstChunkMs: 100 }, { outcome: 'failure', durationMs: 1_100 }],
      firstChunkMs: 300,
    },
    {
      name: 'is at least the time until a hedge was lost',
      samples: [{ outcome: 'lost', durationMs: 700 }],
      firstChunkMs: 700,
    },
    {
      name: 'gets worse by a silence that the caller would not wait for',
      samples: [{ firstChunkMs: 100 }, { outcome: 'abort', durationMs: 1_100 }],
      firstChunkMs: 300,
    },
    {
      name: 'is not known from a clock that was set back',
      samples: [{ firstChunkMs: -3_600_000, durationMs: -3_600_000 }],
      firstChunkMs: undefined,
    },
    {
      name: 'is not improved by a clock that was set back',
      samples: [{ firstChunkMs: 100 }, { firstChunkMs: -3_600_000, durationMs: -3_600_000 }],
      firstChunkMs: 100,
    },
    {
      name: 'counts a stream that broke after its first output',
      samples: [{ outcome: 'failure', firstChunkMs: 80 }],
      firstChunkMs: 80,
    },
  ];
  test.each(table)('$name', async ({ samples, firstChunkMs }) => {
    const latency = await observe(samples);
    const observed = latency.observed({ identity, type: undefined });
    expect(observed.isTried).toBe(true);
    if (firstChunkMs === undefined) expect(observed).not.toHaveProperty('firstChunkMs');
    else expect(observed.firstChunkMs).toBeCloseTo(firstChunkMs, 6);
  });

  test('is untried as before where the caller went away before any output', async () => {
    const latency = await observe([{ outcome: 'abort', durationMs: 1 }]);
    expect(latency.observed({ identity, type: 'stream' })).toEqual({ isTried: false });
  });

  test('is kept apart for each model and each type of call', async () => {
    const latency = await observe([{ firstChunkMs: 100 }, { firstChunkMs: 900, type: 'generate' }]);
    expect(latency.observed({ identity, type: 'stream' }).firstChunkMs).toBe(100);
    expect(latency.observed({ identity, type: 'generate' }).firstChunkMs).toBe(900);
    expect(latency.observed({ identity: {}, type: 'stream' })).toEqual({ isTried: false });
  });
});

describe('the order of a composite', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(id => ({
    model: modelOf(id),
    name: id,
    price: flat(id === 'a' ? 2 : 1),
  }));
  const candidates = [a, b, c].flatMap(candidate => candidate ?? []);
  const ordersOf = (settings: ReturnType<typeof parseSettings>) =>
    [...settings.routes.values()].map(({ order }) => order);

  test('holds for routes that have none, and not for a single candidate', () => {
    const settings = parseSettings({
      tasks: { one: candidates, two: { candidates, order: 'listed' }, three: candidates.slice(0, 1) },
      order: 'cheapest',
    });
    expect(ordersOf(settings)).toEqual(['cheapest', 'listed', 'listed']);
  });

  test('leaves routes as listed that its weights do not name', () => {
    const weights = { c: 1 };
    const settings = parseSettings({
      tasks: { one: candidates, two: candidates.slice(0, 2) },
      order: { weights },
    });
    expect(ordersOf(settings)).toEqual([{ weights }, 'listed']);
  });

  for (const [name, order, option, says] of [
    ['an unknown word', 'quickest', 'order', `"quickest"`],
    ['a list', ['a'], 'order', 'a list of 1'],
    [
      'weights that are no object',
      { weights: 3 },
      'order.weights',
      'an object of numbers by candidate name (got 3)',
    ],
    ['no weights', { weights: {} }, 'order.weights', 'at least one weight above 0'],
    ['weights of zero', { weights: { a: 0, b: 0 } }, 'order.weights', 'at least one weight above 0'],
    ['a negative weight', { weights: { a: 3, b: -1 } }, 'order.weights.b', 'at least 0 (got -1)'],
    ['a weight that is no number', { weights: { a: '3' } }, 'order.weights.a', 'at least 0 (got "3")'],
    ['an infinite weight', { weights: { a: Infinity } }, 'order.weights.a', 'at least 0 (got Infinity)'],
    [
      'a score without a price of bad answers',
      { deadlineMs: 500 },
      'order.badAnswerUsd',
      'such as 0.05 (got undefined)',
    ],
    [
      'a score without a deadline',
      { badAnswerUsd: 1 },
      'order.deadlineMs',
      'or Infinity for no deadline (got undefined)',
    ],
    [
      'a deadline of 0',
      { deadlineMs: 0, badAnswerUsd: 1 },
      'order.deadlineMs',
      'milliseconds above 0, or Infinity for no deadline (got 0)',
    ],
    [
      'a negative price of bad answers',
      { deadlineMs: 500, badAnswerUsd: -1 },
      'order.badAnswerUsd',
      'must not be negative (got -1)',
    ],
    [
      'a score with something else',
      { deadlineMs: 500, badAnswerUsd: 1, weights_: {} },
      'order',
      'has no option "weights_"; it takes deadlineMs, badAnswerUsd',
    ],
    ['an object of nothing', {}, 'order', '{ deadlineMs, badAnswerUsd } or a function'],
    [
      'the weight of no candidate',
      { weights: { a: 1, z: 1 } },
      'order.weights',
      'candidates are a, b, c (got "z")',
    ],
  ] as const) {
    test(`is refused at construction where it is ${name}, on the composite and on a route`, () => {
      const refusal = (settings: object) => {
        try {
          Reflect.apply(createComposite, undefined, [settings]);
        } catch (error) {
          return error;
        }
      };
      const onComposite = refusal({ tasks: { chat: candidates }, order });
      const onRoute = refusal({ tasks: { chat: { candidates, order } } });
      for (const [error, path] of [
        [onComposite, option],
        [onRoute, `tasks.chat.${option}`],
      ] as const) {
        expect(InvalidArgumentError.isInstance(error)).toBe(true);
        expect(error).toHaveProperty('argument', path);
        expect(error).toHaveProperty('message', expect.stringContaining(says));
      }
    });
  }

  test('shows in a plan, and in who answers', async () => {
    const ai = createComposite({
      tasks: { chat: candidates },
      order: 'cheapest',
      pricing: { catalog: false },
    });
    const { steps } = await ai.plan(call());
    expect(steps.map(({ candidate, reason }) => `${candidate} ${reason}`)).toEqual([
      'b cheapest',
      'c cheapest',
      'a cheapest',
    ]);
    const { providerMetadata } = await ai.doGenerate(call());
    expect(providerMetadata?.composite?.candidate).toBe('b');
  });
});

describe("a composite ordered by 'fastest'", () => {
  /** Two candidates whose first output takes this long, and a random number that explores nothing. */
  const compose = ({
    slowMs,
    quickMs,
    hedgeAfterMs,
  }: {
    readonly slowMs: number;
    readonly quickMs: number;
    readonly hedgeAfterMs?: number;
  }) => {
    const clock = createManualClock();
    const modelAnsweringIn = (delayMs: number) =>
      scriptedModel({
        id: `${delayMs}`,
        turns: () => ({
          text: ['ok'],
          before: new Promise<void>(resolve => {
            clock.schedule({ delayMs, callback: resolve });
          }),
        }),
      });
    const ai = createComposite({
      tasks: {
        chat: [
          { model: modelAnsweringIn(slowMs), name: 'slow' },
          { model: modelAnsweringIn(quickMs), name: 'quick' },
        ],
      },
      order: 'fastest',
      ...(hedgeAfterMs !== undefined && { hedge: { afterMs: hedgeAfterMs } }),
      clock,
      random: () => 0.5,
      pricing: { catalog: false },
    });
    /** One call to its end; answers who served. */
    const ask = async (type: CallType): Promise<unknown> => {
      const running =
        type === 'generate'
          ? ai.doGenerate(call()).then(({ providerMetadata }) => providerMetadata)
          : collect({ model: ai }).then(({ parts }) => {
              const finish = parts.at(-1);
              return finish?.type === 'finish' ? finish.providerMetadata : undefined;
            });
      await clock.advance(5_000);
      return (await running)?.composite?.candidate;
    };
    const planned = async () =>
      (await ai.plan(call())).steps.map(({ candidate, reason, score }) => `${candidate} ${reason} ${score}`);
    return { ai, clock, ask, planned };
  };

  test('tries everybody once, then asks the quickest, and shows its figures in a plan', async () => {
    const { ask, planned } = compose({ slowMs: 300, quickMs: 100 });
    expect(await planned()).toEqual(['slow exploration undefined', 'quick exploration undefined']);
    expect([await ask('stream'), await ask('stream'), await ask('stream')]).toEqual([
      'slow',
      'quick',
      'quick',
    ]);
    expect(await planned()).toEqual(['quick fastest 100', 'slow fastest 300']);
  });

  test('learns from generated answers for themselves', async () => {
    const { ask } = compose({ slowMs: 300, quickMs: 100 });
    expect([await ask('stream'), await ask('generate')]).toEqual(['slow', 'slow']);
    expect([await ask('generate'), await ask('generate')]).toEqual(['quick', 'quick']);
    expect([await ask('stream'), await ask('stream')]).toEqual(['quick', 'quick']);
  });

  test('does not take a candidate for quick because a caller went away at once', async () => {
    const { ai, clock, planned } = compose({ slowMs: 900, quickMs: 100 });
    const controller = new AbortController();
    const gone = rejection(ai.doGenerate(call({ abortSignal: controller.signal })));
    await clock.advance(1);
    controller.abort(new Error('stop'));
    await gone;
    expect(await planned()).toEqual(['slow exploration undefined', 'quick exploration undefined']);
  });

  test('does not take the loser of a hedge for untried', async () => {
    const { ask, planned } = compose({ slowMs: 900, quickMs: 100, hedgeAfterMs: 200 });
    expect(await ask('stream')).toBe('quick');
    expect(await planned()).toEqual(['quick fastest 100', 'slow fastest 300']);
  });
});
