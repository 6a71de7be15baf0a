import { createOpenAI } from '@ai-sdk/openai';
import { InvalidArgumentError } from '@ai-sdk/provider';
import {
  all,
  compositeMiddleware,
  createComposite,
  isAnswer,
  isContentFilter,
  isEmptyAnswer,
  isInvalidOutput,
  isKind,
  not,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

const openai = createOpenAI({ apiKey: 'test' });
const one = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
const two = scriptedModel({ id: 'two', turns: [{ text: ['ok'] }] });
const tasks = { chat: [one, two] };

/** Settings that cannot work, and what the message must say: the option, the value, the fix. */
const table: ReadonlyArray<{
  readonly name: string;
  readonly settings: unknown;
  readonly option: string;
  readonly says: readonly string[];
}> = [
  { name: 'no tasks', settings: { tasks: {} }, option: 'tasks', says: ['at least one task'] },
  { name: 'tasks left out', settings: {}, option: 'tasks', says: ['undefined', '{ code:'] },
  {
    name: 'an empty list of candidates',
    settings: [],
    option: 'tasks.default',
    says: ['at least one candidate', '[]'],
  },
  {
    name: 'a route without candidates',
    settings: { tasks: { chat: [] } },
    option: 'tasks.chat',
    says: ['at least one candidate', '[]'],
  },
  {
    name: 'a route that is a model',
    settings: { tasks: { chat: one } },
    option: 'tasks.chat',
    says: ['tasks.chat: must be a list of candidates, such as [model]'],
  },
  {
    name: 'a route that is nothing',
    settings: { tasks: { chat: undefined } },
    option: 'tasks.chat',
    says: ['list of candidates', 'undefined'],
  },
  {
    name: 'a candidate that is no model',
    settings: { tasks: { chat: [{}] } },
    option: 'tasks.chat.0',
    says: ['language model'],
  },
  {
    name: 'a candidate that is nothing',
    settings: { tasks: { chat: [one, undefined] } },
    option: 'tasks.chat.1',
    says: ['language model', 'undefined'],
  },
  {
    name: 'an empty model id',
    settings: { tasks: { chat: [''] } },
    option: 'tasks.chat.0',
    says: ['language model'],
  },
  {
    name: 'a candidate with a misspelt option',
    settings: { tasks: { chat: [{ model: one, timout: 5 }] } },
    option: 'tasks.chat.0',
    says: ['no option "timout"', 'it takes model, name', 'timeout'],
  },
  {
    name: 'a misspelt call setting of a candidate',
    settings: { tasks: { chat: [{ model: one, settings: { temprature: 0 } }] } },
    option: 'tasks.chat.0.settings',
    says: ['temprature'],
  },
  {
    name: 'a misspelt pricing option',
    settings: { tasks, pricing: { catalogue: false } },
    option: 'pricing',
    says: ['catalogue'],
  },
  { name: 'a misspelt option', settings: { tasks, hegde: {} }, option: 'settings', says: ['hegde'] },
  {
    name: 'routes without tasks around them',
    settings: { code: [one], fast: [two] },
    option: 'settings',
    says: ['no option "code", "fast"', 'tasks is missing', '{ code: [openai("gpt-6-sol")] }'],
  },
  {
    name: 'a fallback that is switched on',
    settings: { tasks, fallback: true },
    option: 'settings',
    says: ['no option "fallback"', 'listed in their order, who stands in behind the first one'],
  },
  {
    name: 'a fallback beside a model',
    settings: { tasks: { chat: { model: one, fallback: two } } },
    option: 'tasks.chat',
    says: ['"fallback" (models are listed in their order', 'candidates is missing'],
  },
  {
    name: "the SDK's name for retries",
    settings: { tasks, maxRetries: 3 },
    option: 'settings',
    says: ['"maxRetries" (did you mean attempts?)'],
  },
  {
    name: 'prices by other names',
    settings: { tasks: { chat: [{ model: one, price: { input: 2, output: 10 } }] } },
    option: 'tasks.chat.0.price',
    says: ['"input" (did you mean inputTokens?)', '"output" (did you mean outputTokens?)'],
  },
  {
    name: 'a price for the list of prices, by other names',
    settings: { tasks, prices: { 'openai/gpt-6-sol': { prompt: 2, completion: 10 } } },
    option: 'prices.openai/gpt-6-sol',
    says: ['did you mean inputTokens?', 'did you mean outputTokens?'],
  },
  {
    name: 'a model that is still to come',
    settings: { tasks: { chat: [Promise.resolve(one)] } },
    option: 'tasks.chat.0',
    says: ['is a promise: await it first', 'function that makes one'],
  },
  {
    name: 'a default task that is no task',
    settings: { tasks, defaultTask: 'cdoe' },
    option: 'defaultTask',
    says: ['"cdoe"', 'chat'],
  },
  {
    name: 'the same model twice in a route',
    settings: { tasks: { chat: [one, one] } },
    option: 'tasks.chat.1',
    says: ['scripted/one', 'attempts'],
  },
  {
    name: 'one name for two models',
    settings: {
      tasks: {
        chat: [
          { model: one, name: 'a' },
          { model: two, name: 'a' },
        ],
      },
    },
    option: 'tasks.chat.1.name',
    says: ['"a"', 'name of its own'],
  },
  {
    name: 'an empty name',
    settings: { tasks: { chat: [{ model: one, name: '' }] } },
    option: 'tasks.chat.0.name',
    says: ['""', 'empty'],
  },
  { name: 'no attempts', settings: { tasks, attempts: 0 }, option: 'attempts', says: ['0', 'at least 1'] },
  {
    name: 'half an attempt',
    settings: { tasks, attempts: 1.5 },
    option: 'attempts',
    says: ['1.5', 'whole number'],
  },
  {
    name: 'no attempts of a candidate',
    settings: { tasks: { chat: [{ model: one, attempts: 0 }] } },
    option: 'tasks.chat.0.attempts',
    says: ['0', 'at least 1'],
  },
  {
    name: 'no attempts of a route',
    settings: { tasks: { chat: { candidates: [one], attempts: -1 } } },
    option: 'tasks.chat.attempts',
    says: ['-1'],
  },
  {
    name: 'a negative timeout',
    settings: { tasks, timeout: -1 },
    option: 'timeout',
    says: ['-1', 'above 0'],
  },
  {
    name: 'a negative time limit',
    settings: { tasks, timeout: { firstChunkMs: -5 } },
    option: 'timeout.firstChunkMs',
    says: ['-5', 'above 0'],
  },
  {
    name: 'a word for the first output that there is not',
    settings: { tasks, timeout: { firstChunkMs: 'adaptiv' } },
    option: 'timeout.firstChunkMs',
    says: ['"adaptiv"', "above 0, Infinity for no limit, or 'adaptive'"],
  },
  {
    name: 'a limit that is not learned',
    settings: { tasks, timeout: { chunkMs: 'adaptive' } },
    option: 'timeout.chunkMs',
    says: ['"adaptive"', 'must be a number of milliseconds above 0'],
  },
  {
    name: 'a word for a hedge that there is not',
    settings: { tasks: { chat: { candidates: [one, two], hedge: { afterMs: 'soon' } } } },
    option: 'tasks.chat.hedge.afterMs',
    says: ['"soon"', "milliseconds above 0, or 'adaptive'"],
  },
  {
    name: 'a zero time limit',
    settings: { tasks, timeout: { chunkMs: 0 } },
    option: 'timeout.chunkMs',
    says: ['0', 'above 0'],
  },
  {
    name: 'a time limit that is no number',
    settings: { tasks, timeout: { totalMs: '5s' } },
    option: 'timeout.totalMs',
    says: ['"5s"', 'milliseconds'],
  },
  {
    name: 'a time limit beyond what timers take',
    settings: { tasks, timeout: { totalMs: 2 ** 31 } },
    option: 'timeout.totalMs',
    says: ['2147483648'],
  },
  {
    name: 'a misspelt time limit',
    settings: { tasks, timeout: { firstChunk: 5 } },
    option: 'timeout',
    says: ['"firstChunk"'],
  },
  { name: 'NaN as a time limit', settings: { tasks, timeout: Number.NaN }, option: 'timeout', says: ['NaN'] },
  {
    name: 'a way to recover that there is not',
    settings: { tasks, recover: 'retry' },
    option: 'recover',
    says: ["'buffer'", '"retry"', 'false'],
  },
  {
    name: 'a way to recover that there is not, on a route',
    settings: { tasks: { chat: { candidates: [one], recover: true } } },
    option: 'tasks.chat.recover',
    says: ["'buffer'", 'true'],
  },
  {
    name: 'a hedge without a second candidate',
    settings: { tasks: { chat: { candidates: [one], hedge: { afterMs: 5 } } } },
    option: 'tasks.chat.hedge',
    says: ['second candidate', 'leave hedge out'],
  },
  {
    name: 'a hedge after no time',
    settings: { tasks: { chat: { candidates: [one, two], hedge: { afterMs: 0 } } } },
    option: 'tasks.chat.hedge.afterMs',
    says: ['0', 'above 0'],
  },
  {
    name: 'a condition that is no function',
    settings: { tasks, fallbackWhen: 'always' },
    option: 'fallbackWhen',
    says: ['"always"', 'isContentFilter()'],
  },
  {
    name: 'a classifier that is no function',
    settings: { tasks, classify: 'code' },
    option: 'classify',
    says: ['"code"', 'function'],
  },
  {
    name: 'an observer that is no function',
    settings: { tasks, onCallEnd: true },
    option: 'onCallEnd',
    says: ['true', 'function'],
  },
  {
    name: 'a bound of zero for Retry-After',
    settings: { tasks, circuitBreaker: { maxRetryAfterMs: 0 } },
    option: 'circuitBreaker.maxRetryAfterMs',
    says: ['0', 'above 0'],
  },
  {
    name: 'a failure threshold of zero',
    settings: { tasks, circuitBreaker: { failureThreshold: 0 } },
    option: 'circuitBreaker.failureThreshold',
    says: ['0'],
  },
  {
    name: 'a negative price',
    settings: { tasks: { chat: [{ model: one, price: { inputTokens: -1, outputTokens: 1 } }] } },
    option: 'tasks.chat.0.price.inputTokens',
    says: ['-1'],
  },
  {
    name: 'an affinity that is neither on nor off',
    settings: { tasks: { chat: { candidates: [one, two], affinity: 'session' } } },
    option: 'tasks.chat.affinity',
    says: ['"session"', 'true or false'],
  },
  {
    name: 'a return at another time than there is',
    settings: { tasks, affinity: { returnWhen: 'sometimes' } },
    option: 'affinity.returnWhen',
    says: ['"sometimes"', "'recovered', 'cheaper' or 'never'"],
  },
  {
    name: 'an affinity with another option than there is',
    settings: { tasks: { chat: { candidates: [one, two], affinity: { returns: 'never' } } } },
    option: 'tasks.chat.affinity',
    says: ['"returns"', 'returnWhen'],
  },
  {
    name: 'empty instructions',
    settings: { tasks, instructions: '' },
    option: 'instructions',
    says: ['""', 'must not be empty'],
  },
  {
    name: 'instructions of another role',
    settings: { tasks: { chat: { candidates: [one], instructions: [{ role: 'user', content: 'Hi' }] } } },
    option: 'tasks.chat.instructions.0.role',
    says: ['"user"', '"system"'],
  },
  {
    name: 'a misspelt call setting of a route',
    settings: { tasks: { chat: { candidates: [one], settings: { temprature: 0 } } } },
    option: 'tasks.chat.settings',
    says: ['temprature'],
  },
  {
    name: 'provider options that are not by provider',
    settings: { tasks: { chat: { candidates: [one], providerOptions: { store: false } } } },
    option: 'tasks.chat.providerOptions.store',
    says: ['false', 'by provider'],
  },
  {
    name: 'a model catalog that is none',
    settings: { tasks, modelCatalogs: { openai: 'gpt-6-sol' } },
    option: 'modelCatalogs.openai',
    says: ['"gpt-6-sol"', 'catalog'],
  },
  ...[
    { option: 'classifyTimeoutMs', settings: { tasks, classifyTimeoutMs: 3e9 } },
    { option: 'hedge.afterMs', settings: { tasks, hedge: { afterMs: 3e9 } } },
    { option: 'retry.initialDelayMs', settings: { tasks, retry: { initialDelayMs: 3e9 } } },
    { option: 'retry.maxDelayMs', settings: { tasks, retry: { maxDelayMs: 3e9 } } },
    { option: 'retry.maxRetryAfterMs', settings: { tasks, retry: { maxRetryAfterMs: 3e9 } } },
  ].map(own => ({
    ...own,
    name: `a time longer than timers can wait, ${own.option}`,
    says: ['3000000000', 'at most 2,147,483,647'],
  })),
  {
    name: 'a longest wait below the first',
    settings: { tasks, retry: { initialDelayMs: 500, maxDelayMs: 100 } },
    option: 'retry.maxDelayMs',
    says: ['100', 'initialDelayMs, 500'],
  },
  {
    name: 'a longest cooldown below the first',
    settings: { tasks, circuitBreaker: { maxCooldownMs: 1_000 } },
    option: 'circuitBreaker.maxCooldownMs',
    says: ['1000', 'cooldownMs, 5000'],
  },
  {
    name: 'a capability that is neither yes nor no',
    settings: { tasks: { chat: [{ model: one, capabilities: { pdf: 'no' } }] } },
    option: 'tasks.chat.0.capabilities.pdf',
    says: ['"no"', 'true or false'],
  },
  {
    name: 'a catalog that is none',
    settings: { tasks, pricing: { catalog: true } },
    option: 'pricing.catalog',
    says: ['true', 'price catalog, or false'],
  },
  {
    name: 'a list of model catalogs',
    settings: { tasks, modelCatalogs: [] },
    option: 'modelCatalogs',
    says: ['[]', 'by provider'],
  },
  {
    name: 'a default task that is no name',
    settings: { tasks, defaultTask: 3 },
    option: 'defaultTask',
    says: ['3', 'name of a task'],
  },
  {
    name: 'a negative backoff',
    settings: { tasks, retry: { initialDelayMs: -1 } },
    option: 'retry.initialDelayMs',
    says: ['-1', 'above 0'],
  },
  ...[
    {
      name: 'an embedding model',
      model: openai.embedding('text-embedding-3-small'),
      says: 'is an embedding model',
    },
    { name: 'an image model', model: openai.image('gpt-image-2'), says: 'is an image model' },
    { name: 'a speech model', model: openai.speech('gpt-4o-mini-tts'), says: 'is a model of another kind' },
    {
      name: 'a transcription model',
      model: openai.transcription('gpt-4o-transcribe'),
      says: 'is a model of another kind',
    },
    { name: 'a provider', model: openai, says: 'is a provider, to be called with a model id,' },
    { name: 'the face of a provider', model: openai.chat, says: 'is a function that takes arguments' },
    { name: 'an async function', model: async () => one, says: 'makes its model later' },
    {
      name: 'a model of AI SDK 4',
      model: { ...one, specificationVersion: 'v1' },
      says: 'is of specification "v1"',
    },
    { name: 'half a model', model: { ...one, doStream: undefined }, says: 'is a model of another kind' },
    { name: 'false, of a condition that did not hold', model: false, says: 'got false' },
  ].flatMap(({ name, model, says }) => [
    {
      name: `${name} as a candidate`,
      settings: { tasks: { chat: [one, model] } },
      option: 'tasks.chat.1',
      says: [says, 'must be a language model of the AI SDK'],
    },
    {
      name: `${name} as the model of a candidate`,
      settings: { tasks: { chat: [{ model, name: 'it' }] } },
      option: 'tasks.chat.0.model',
      says: [says, 'must be a language model of the AI SDK'],
    },
  ]),
  ...Object.entries({ isContentFilter, isKind, isInvalidOutput, isAnswer, isEmptyAnswer, all, not }).map(
    ([name, maker]) => ({
      name: `${name} uncalled`,
      settings: { tasks: { chat: { candidates: [one], fallbackWhen: maker } } },
      option: 'tasks.chat.fallbackWhen',
      says: ['a function', 'makes a condition and is none: call it, as in isContentFilter()'],
    }),
  ),
  {
    name: 'one condition of many uncalled',
    settings: { tasks, fallbackWhen: [isContentFilter(), isContentFilter] },
    option: 'fallbackWhen.1',
    says: ['call it'],
  },
  ...['fallbackWhen', 'generateId', 'random', 'order'].map(option => ({
    name: `an async function as ${option}`,
    settings: { tasks, [option]: async () => undefined },
    option,
    says: ['at once'],
  })),
  {
    name: 'an async condition, which isAnswer() takes',
    settings: { tasks, fallbackWhen: async () => true },
    option: 'fallbackWhen',
    says: ['isAnswer() takes one that is async'],
  },
  {
    name: 'another word for what becomes of an exhausted route',
    settings: { tasks, onExhausted: 'worst' },
    option: 'onExhausted',
    says: ["must be 'throw' or 'best'", '"worst"'],
  },
  {
    name: 'an async function as an estimator',
    settings: { tasks, pricing: { estimateTokens: async () => 1 } },
    option: 'pricing.estimateTokens',
    says: ['must answer at once'],
  },
  {
    name: 'a clock that is none',
    settings: { tasks, clock: { now: 5, schedule: () => {} } },
    option: 'clock.now',
    says: ['5', 'must be a function'],
  },
  ...['circuitBreaker', 'retry', 'retryBudget'].map(option => ({
    name: `a text as ${option}`,
    settings: { tasks, [option]: 'off' },
    option,
    says: ['"off"', 'or false to switch it off'],
  })),
];

describe('settings that cannot work are refused at construction, with option, value and fix', () => {
  for (const { name, settings, option, says } of table) {
    test(name, () => {
      for (const construct of [createComposite, compositeMiddleware]) {
        if (construct === compositeMiddleware && Array.isArray(settings)) continue;
        let thrown: unknown;
        try {
          Reflect.apply(construct, undefined, [settings]);
        } catch (error) {
          thrown = error;
        }
        if (!InvalidArgumentError.isInstance(thrown))
          throw new Error(`expected an InvalidArgumentError, got ${String(thrown)}`);
        expect(thrown.message).toContain(option);
        for (const words of says) expect(thrown.message).toContain(words);
      }
    });
  }

  test('a message shows no secret of the settings', () => {
    const secret = { ...one, apiKey: 'sk-secret' };
    expect(() => createComposite({ tasks: { chat: [{ model: secret, attempts: 0 }] } })).toThrow(
      /^(?!.*sk-secret)/s,
    );
  });
});

describe('settings that work', () => {
  test('infinite limits, one candidate, one model under two settings in two routes', () => {
    const model = createComposite({
      tasks: {
        fast: { candidates: [one], timeout: { firstChunkMs: Number.POSITIVE_INFINITY } },
        code: [{ model: one, timeout: 5_000 }, two],
      },
      timeout: Number.POSITIVE_INFINITY,
    });
    expect(model.tasks).toEqual(['fast', 'code']);
    expect(model.health().map(({ candidate }) => candidate)).toEqual(['scripted/one', 'scripted/two']);
  });

  test('a hedge of the composite leaves routes of one candidate alone', async () => {
    const model = createComposite({
      tasks: { alone: [one], chat: [one, two] },
      hedge: { afterMs: 1_000 },
      pricing: { catalog: false },
    });
    const { content } = await model('alone').doGenerate({ prompt: [] });
    expect(content).toMatchObject([{ text: 'ok' }]);
  });
});

test.each([[[]], [['rate_limit']], [[['auth', 'quota']]], [['auth', undefined]]])(
  'isKind(%j) is refused with the kinds that there are',
  kinds => {
    expect(() => Reflect.apply(isKind, undefined, kinds)).toThrow(
      /takes failure kinds: rate-limit, overloaded/,
    );
  },
);
