import { InvalidArgumentError, type LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { type ClassifyRule, classifyByRules, createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createClassifyRequest } from '../../../src/route/classify/classify-request.ts';
import { scriptedModel } from '../../fallback/scripted-model.ts';

const model = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
const tasks = { chat: [model], code: [model], vision: [model], long: [model] };
type Task = keyof typeof tasks;
type Rule = ClassifyRule<Task>;
type Prompt = LanguageModelV4CallOptions['prompt'];

const user = (...texts: readonly string[]): Prompt[number] => ({
  role: 'user',
  content: texts.map(text => ({ type: 'text', text })),
});
const assistant = (text: string): Prompt[number] => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
});
const system = (content: string): Prompt[number] => ({ role: 'system', content });
const toolSaid = (value: string): Prompt[number] => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId: '1', toolName: 'look', output: { type: 'text', value } }],
});
const attached = (mediaType: string): Prompt[number] => ({
  role: 'user',
  content: [{ type: 'file', mediaType, data: { type: 'data', data: 'AA==' } }],
});
const tool = { type: 'function' as const, name: 'look', inputSchema: { type: 'object' as const } };

async function taskOf({
  rules,
  options,
}: {
  readonly rules: readonly Rule[];
  readonly options: LanguageModelV4CallOptions;
}): Promise<string> {
  const ai = createComposite({ tasks, classify: classifyByRules(rules), pricing: { catalog: false } });
  const { task, taskSource, warnings } = await ai.plan(options);
  expect(warnings).toEqual([]);
  expect(taskSource).toBe(task === 'chat' ? 'default' : 'classify');
  return task;
}

describe('a rule takes a call when its condition holds, and leaves it when not', () => {
  const plain = { prompt: [user('Hello')] };
  const json = { type: 'json', schema: { type: 'object' } } as const;
  const table: ReadonlyArray<{
    readonly condition: Omit<Rule, 'task'>;
    readonly takes: LanguageModelV4CallOptions;
    readonly leaves: LanguageModelV4CallOptions;
  }> = [
    {
      condition: { tools: true },
      takes: { ...plain, tools: [tool] },
      leaves: { ...plain, tools: [] },
    },
    { condition: { tools: false }, takes: plain, leaves: { ...plain, tools: [tool] } },
    {
      condition: { json: true },
      takes: { ...plain, responseFormat: json },
      leaves: { ...plain, responseFormat: { type: 'text' } },
    },
    { condition: { json: false }, takes: plain, leaves: { ...plain, responseFormat: { type: 'json' } } },
    { condition: { image: true }, takes: { prompt: [attached('image/png')] }, leaves: plain },
    {
      condition: { image: false },
      takes: { prompt: [attached('application/pdf')] },
      leaves: { prompt: [attached('image/*')] },
    },
    {
      condition: { pdf: true },
      takes: { prompt: [attached('application/pdf'), assistant('Nice.'), user('Sum it up')] },
      leaves: { prompt: [attached('image/png')] },
    },
    {
      condition: { audio: true },
      takes: { prompt: [attached('audio/wav')] },
      leaves: { prompt: [attached('application/pdf')] },
    },
    {
      condition: { minInputTokens: 1_000 },
      takes: { prompt: [system('a word '.repeat(2_000)), user('Hello')] },
      leaves: plain,
    },
    {
      condition: { maxInputTokens: 1_000 },
      takes: plain,
      leaves: { prompt: [user('Hello'), assistant('a word '.repeat(2_000)), user('And?')] },
    },
    {
      condition: { when: ({ messageCount }) => messageCount > 2 },
      takes: { prompt: [user('a'), assistant('b'), user('c')] },
      leaves: plain,
    },
    {
      condition: { when: ({ reasoning }) => reasoning === 'high' },
      takes: { ...plain, reasoning: 'high' },
      leaves: { ...plain, reasoning: 'low' },
    },
  ];
  for (const { condition, takes, leaves } of table) {
    test(`{ ${Object.entries(condition).join(', ').replaceAll(',', ': ')} }`, async () => {
      const rules: Rule[] = [{ task: 'code', ...condition }];
      expect(await taskOf({ rules, options: takes })).toBe('code');
      expect(await taskOf({ rules, options: leaves })).toBe('chat');
    });
  }
});

describe('a keyword is a whole word of the user', () => {
  const table: ReadonlyArray<readonly [keyword: string, text: string, isFound: boolean]> = [
    ['test', 'Write a test.', true],
    ['test', 'TEST it', true],
    ['Test', 'a test', true],
    ['test', 'the latest news', false],
    ['test', 'untested', false],
    ['test', 'my_test', false],
    ['test', 'unit-test', true],
    ['unit test', 'a unit\n  test', true],
    ['unit test', 'a unit of test', false],
    ['step-by-step', 'a Step-by-Step guide', true],
    ['-v', 'add -v to it', true],
    ['c++', 'Is C++ hard?', true],
    ['c++', 'Is abc++ hard?', false],
    ['.net', 'in .NET please', true],
    ['.net', 'in xnet please', false],
    ['a.b', 'a-b', false],
    ['[x]', 'tick [x]', true],
    ['émile', 'Cher ÉMILE,', true],
    ['são'.normalize('NFD'), 'São'.normalize('NFC'), true],
    ['são'.normalize('NFC'), 'São'.normalize('NFD'), true],
    ['cafe', 'cafe\u0301', false],
    ['straße', 'STRASSE', false],
    ['код', 'Напиши КОД', true],
    ['код', 'кодировка', false],
    ['代码', '请写代码吧', true],
    ['api', '调用API接口', true],
    ['api', '调用rapid接口', false],
    ['2', 'the 2 of us', true],
    ['2', 'in 2026', false],
    ['  test ', 'a test', true],
  ];
  for (const [keyword, text, isFound] of table) {
    test(`${JSON.stringify(keyword)} is ${isFound ? '' : 'not '}in ${JSON.stringify(text)}`, async () => {
      const rules: Rule[] = [{ task: 'code', keywords: ['zzz', keyword] }];
      expect(await taskOf({ rules, options: { prompt: [user(text)] } })).toBe(isFound ? 'code' : 'chat');
    });
  }

  test.each<readonly [what: string, prompt: Prompt, task: Task]>([
    ['any text part of a message', [user('Hello.', 'Fix the code.')], 'code'],
    [
      'an earlier message, so that a follow-up keeps its task',
      [user('code'), assistant('ok'), user('More')],
      'code',
    ],
    ['the steps of an agent', [user('code'), assistant('I look.'), toolSaid('nothing')], 'code'],
    ['not the instructions', [system('You write code.'), user('Hello')], 'chat'],
    ['not an answer', [user('Hello'), assistant('Shall I write code?'), user('No')], 'chat'],
    ['not a tool result', [user('Hello'), assistant('I look.'), toolSaid('code')], 'chat'],
    ['nothing where there is no text', [attached('image/png')], 'chat'],
  ])('looks at: %s', async (_what, prompt, task) => {
    expect(await taskOf({ rules: [{ task: 'code', keywords: ['code'] }], options: { prompt } })).toBe(task);
  });
});

describe('several rules and conditions', () => {
  const rules: readonly Rule[] = [
    { task: 'vision', image: true, tools: false },
    { task: 'code', tools: true },
    { task: 'long', minInputTokens: 1_000, maxInputTokens: 5_000 },
    { task: 'code', keywords: ['code'] },
  ];
  test.each<readonly [what: string, options: LanguageModelV4CallOptions, task: Task]>([
    ['the first rule that holds wins', { prompt: [attached('image/png'), user('code')] }, 'vision'],
    ['all conditions of a rule must hold', { prompt: [attached('image/png')], tools: [tool] }, 'code'],
    ['a length between two limits', { prompt: [user('a code word '.repeat(800))] }, 'long'],
    ['a length above both', { prompt: [user('a code word '.repeat(8_000))] }, 'code'],
    ['no rule holds: the default task', { prompt: [user('Hello')] }, 'chat'],
  ])('%s', async (_what, options, task) => {
    expect(await taskOf({ rules, options })).toBe(task);
  });

  test('a condition that throws means the default task, with a warning', async () => {
    const classify = classifyByRules([
      {
        task: 'code',
        when: () => {
          throw new Error('x');
        },
      },
    ]);
    const plan = await createComposite({ tasks, classify }).plan({ prompt: [user('Hello')] });
    expect(plan).toMatchObject({ task: 'chat', taskSource: 'default', warnings: [expect.any(String)] });
  });
});

describe('rules that cannot work are refused with the option, the value and the fix', () => {
  const table: ReadonlyArray<{
    readonly rules: unknown;
    readonly argument: string;
    readonly message: string;
  }> = [
    { rules: [], argument: 'rules', message: 'Invalid rules: must have at least one rule (got []).' },
    { rules: undefined, argument: 'rules', message: 'must be a list of rules, such as { task: "code"' },
    {
      rules: [{ task: 'code', tools: true }, { task: 'chat' }],
      argument: 'rules.1',
      message: 'must have a condition, or it would take every call; for that set defaultTask',
    },
    { rules: [{ task: 'code', tools: undefined }], argument: 'rules.0', message: 'must have a condition' },
    {
      rules: [{ task: 'code', keywords: [] }],
      argument: 'rules.0.keywords',
      message: 'must have at least one word; leave it out to have no such condition (got []).',
    },
    {
      rules: [{ task: 'code', keywords: ['a', ' '] }],
      argument: 'rules.0.keywords.1',
      message: 'must not be empty (got " ").',
    },
    {
      rules: [{ task: 'code', keywords: 'a' }],
      argument: 'rules.0.keywords',
      message: 'must be a list of words',
    },
    { rules: [{ tools: true }], argument: 'rules.0.task', message: 'must be the name of a task' },
    {
      rules: [{ task: 'code', tools: 1 }],
      argument: 'rules.0.tools',
      message: 'must be true or false (got 1).',
    },
    {
      rules: [{ task: 'code', minInputTokens: -1 }],
      argument: 'rules.0.minInputTokens',
      message: 'must not be negative (got -1).',
    },
    {
      rules: [{ task: 'code', minInputTokens: 9, maxInputTokens: 8 }],
      argument: 'rules.0.minInputTokens',
      message: 'must not be above maxInputTokens, 8 (got 9).',
    },
    { rules: [{ task: 'code', when: 'tools' }], argument: 'rules.0.when', message: 'must be a function' },
    { rules: [{ task: 'code', keyword: ['a'] }], argument: 'rules.0', message: 'keyword' },
  ];
  for (const { rules, argument, message } of table) {
    test(`${argument}: ${message}`, () => {
      let refused: unknown;
      try {
        classifyByRules(rules as Rule[]);
      } catch (error) {
        refused = error;
      }
      expect(InvalidArgumentError.isInstance(refused)).toBe(true);
      expect(refused).toMatchObject({ argument, message: expect.stringContaining(message) });
    });
  }
});

describe('of a very long conversation', () => {
  const rules: readonly Rule[] = [{ task: 'code', keywords: ['loop', 'late'] }];
  const filler = 'word '.repeat(200_000);
  const taskOfTexts = (...texts: readonly string[]) =>
    taskOf({ rules, options: { prompt: texts.map(text => user(text)) } });

  test('the beginning and the end of each long message are read', async () => {
    expect(await taskOfTexts(`Fix my loop. ${filler}`)).toBe('code');
    expect(await taskOfTexts(`${filler} Fix my loop.`)).toBe('code');
    expect(await taskOfTexts(filler, `Fix my loop. ${filler}`, filler)).toBe('code');
    expect(await taskOfTexts(`${filler} Fix my loop. ${filler}`)).toBe('chat');
  });

  test('short messages beside long ones are read whole', async () => {
    expect(await taskOfTexts(filler, `${'word '.repeat(1_000)} loop ${'word '.repeat(1_000)}`, filler)).toBe(
      'code',
    );
  });

  test('up to 65,536 characters everything is read', async () => {
    const half = 'x'.repeat((65_536 - 6) / 2);
    expect(await taskOfTexts(`${half} loop ${half}`)).toBe('code');
    expect(await taskOfTexts(`${half} loop ${half}x`)).toBe('chat');
  });

  test('the first message and the latest are read where there are very many', async () => {
    const many = Array.from({ length: 2_000 }, () => 'word '.repeat(100));
    expect(await taskOfTexts('Fix my loop.', ...many)).toBe('code');
    expect(await taskOfTexts(...many, 'Fix my loop.', ...many.slice(0, 100))).toBe('code');
    expect(await taskOfTexts(...many, 'Fix my loop.', ...many)).toBe('chat');
  });

  test('a word that is cut is no other word', async () => {
    for (let shift = 0; shift < 12; shift++)
      expect(await taskOfTexts(`${'x'.repeat(shift)} ${'latest translate '.repeat(10_000)}`)).toBe('chat');
  });

  test('a message in parts is read as one', async () => {
    const prompt = [user(filler, 'Fix my', 'loop.', filler), user('Fix my', 'loop.')];
    expect(await taskOf({ rules: [{ task: 'code', keywords: ['my loop'] }], options: { prompt } })).toBe(
      'code',
    );
    expect(await taskOf({ rules, options: { prompt: [user('Fix my loop.', filler, filler)] } })).toBe('code');
    expect(await taskOf({ rules, options: { prompt: [user(filler, filler, 'Fix my loop.')] } })).toBe('code');
    expect(await taskOf({ rules, options: { prompt: [user(filler, 'loop', filler)] } })).toBe('chat');
  });

  test('200 keywords on 50 MB are found out about in no time that a server would notice', () => {
    const classify = classifyByRules<Task>([
      ...rules,
      ...Array.from({ length: 20 }, (_, rule) => ({
        task: 'long' as const,
        keywords: Array.from({ length: 10 }, (_, index) => `wor${String.fromCharCode(97 + index)}é${rule}`),
      })),
    ]);
    const options = { prompt: [user('wörd '.repeat(10_000_000))] };
    const request = createClassifyRequest({
      options,
      sessionId: undefined,
      abortSignal: new AbortController().signal,
      estimateInput: () => 0,
    });
    const times = Array.from({ length: 5 }, () => {
      const startMs = performance.now();
      expect(classify(request)).toBeUndefined();
      return performance.now() - startMs;
    });
    // Read whole it took seconds; a busy machine may take a while for anything.
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

test('the tasks of rules are typed by the tasks of the composite', () => {
  const build = [
    () => createComposite({ tasks, classify: classifyByRules([{ task: 'code', tools: true }]) }),
    // @ts-expect-error: there is no such task
    () => createComposite({ tasks, classify: classifyByRules([{ task: 'cdoe', tools: true }]) }),
    // @ts-expect-error: a misspelt condition
    () => createComposite({ tasks, classify: classifyByRules([{ task: 'code', tool: true }]) }),
  ];
  expect(build).toHaveLength(3);
});
