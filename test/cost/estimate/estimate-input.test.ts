import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInputEstimate } from '../../../src/cost/estimate/estimate-input.ts';

const conversation = (texts: readonly string[]): Pick<LanguageModelV4CallOptions, 'prompt'> => ({
  prompt: texts.map(text => ({ role: 'user', content: [{ type: 'text', text }] })),
});

/** A token for every four characters; counts what it was given. */
function counting() {
  let seen = 0;
  let calls = 0;
  return {
    estimate: (text: string) => {
      seen += text.length;
      calls += 1;
      return text.length / 4;
    },
    seen: () => seen,
    calls: () => calls,
  };
}

describe('the estimate of a request', () => {
  test('counts texts, reasoning, tool calls, results and descriptions, and every image as 250', () => {
    const { estimate } = counting();
    const input = createInputEstimate({
      tools: [{ type: 'function', name: 't', description: 'd', inputSchema: { type: 'object' } }],
      prompt: [
        { role: 'system', content: 'x'.repeat(40) },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'x'.repeat(80) },
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } },
            { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AA==' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'x'.repeat(120) },
            { type: 'tool-call', toolCallId: '1', toolName: 't', input: { a: 1 } },
          ],
        },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId: '1', toolName: 't', output: { type: 'text', value: 'yes' } },
          ],
        },
      ],
    });
    const described = '{"name":"t","description":"d","inputSchema":{"type":"object"}}'.length;
    const called = '{"a":1}'.length;
    const returned = 'yes'.length;
    expect(input.tokens(estimate)).toBe(
      Math.round(250 + (40 + 80 + 120 + described + called + returned) / 4),
    );
  });

  test('is made once for each estimator', () => {
    const [one, other] = [counting(), counting()];
    const input = createInputEstimate(conversation(['hello', 'again']));
    for (let turn = 0; turn < 3; turn++) {
      input.tokens(one.estimate);
      input.tokens(other.estimate);
    }
    expect([one.calls(), other.calls()]).toEqual([2, 2]);
  });

  test('of a short conversation looks at all of it', () => {
    const { estimate, seen } = counting();
    createInputEstimate(conversation(['x'.repeat(30_000), 'y'.repeat(2_768)])).tokens(estimate);
    expect(seen()).toBe(32_768);
  });

  test('of a long one looks at an even sample, and comes out the same for even text', () => {
    const { estimate, seen } = counting();
    const texts = Array.from({ length: 100 }, (_, index) => 'x'.repeat(1_000 * (index + 1)));
    expect(createInputEstimate(conversation(texts)).tokens(estimate)).toBe(5_050_000 / 4);
    expect(seen()).toBeLessThan(32_768 + 100 * 256);
  });

  test('of very many short texts looks at no more than of one long one, and misses none of its kinds', () => {
    const { estimate, seen, calls } = counting();
    const texts = Array.from({ length: 50_000 }, (_, index) => 'x'.repeat(index % 2 === 0 ? 20 : 60));
    expect(createInputEstimate(conversation(texts)).tokens(estimate)).toBe(2_000_000 / 4);
    expect(seen()).toBeLessThanOrEqual(32_768);
    expect(calls()).toBeLessThanOrEqual(128);
  });

  test('is 0 where an estimator answers nonsense', () => {
    for (const nonsense of [-5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(createInputEstimate(conversation(['hello'])).tokens(() => nonsense)).toBe(0);
  });
});

const base64 = 'iVBORw0K'.repeat(200_000);
const bytes = new Uint8Array(1_200_000);
type Output = Extract<Part, { type: 'tool-result' }>['output'];
type Part = Exclude<LanguageModelV4CallOptions['prompt'][number]['content'], string>[number];

/** The estimate of a tool's result, as a token for every four characters. */
function ofResult(output: Output, role: 'tool' | 'assistant' = 'tool') {
  const { estimate } = counting();
  const content = [{ type: 'tool-result' as const, toolCallId: '1', toolName: 't', output }];
  const input = createInputEstimate({ prompt: [{ role, content }] });
  return { tokens: input.tokens(estimate), isBelow: input.isBelow(1_000) };
}

describe('a file in the result of a tool counts as in a message of the user', () => {
  const image = { tokens: 250, isBelow: true };
  test.each([
    ['base64', { type: 'data', data: base64 }],
    ['bytes', { type: 'data', data: bytes }],
    ['a URL', { type: 'url', url: new URL('https://example.com/a.png') }],
    ['a reference', { type: 'reference', reference: { openai: 'file_1' } }],
  ] as const)('an image by %s', (_, data) => {
    for (const mediaType of ['image/png', 'image', 'IMAGE/PNG']) {
      const output: Output = { type: 'content', value: [{ type: 'file', mediaType, data }] };
      expect(ofResult(output)).toEqual(image);
      expect(ofResult(output, 'assistant')).toEqual(image);
    }
  });

  test.each([
    ['image-data', { data: base64, mediaType: 'image/png' }],
    ['image-url', { url: 'https://example.com/a.png' }],
    ['image-file-id', { fileId: 'file_1' }],
    ['image-file-reference', { providerReference: { openai: 'file_1' } }],
    ['media', { data: base64, mediaType: 'image/png' }],
    ['file-data', { data: base64, mediaType: 'image/png' }],
    ['file-url', { url: 'https://example.com/a.png', mediaType: 'image/png' }],
  ])('an image of an earlier version of the SDK, %s', (type, item) => {
    // Types that messages of earlier versions have, and those of this one do not.
    const value = [{ type, ...item }] as unknown as Extract<Output, { type: 'content' }>['value'];
    expect(ofResult({ type: 'content', value })).toEqual(image);
  });

  test('a PDF, sound and a part of the provider count 0, texts beside them by their length', () => {
    const value: Extract<Output, { type: 'content' }>['value'] = [
      { type: 'file', mediaType: 'application/pdf', data: { type: 'data', data: base64 } },
      { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: bytes } },
      { type: 'custom', providerOptions: { custom: { data: base64 } } },
      { type: 'text', text: 'x'.repeat(400) },
    ];
    expect(ofResult({ type: 'content', value }).tokens).toBe(100);
  });

  test.each([
    ['inline', { type: 'text', text: 'x'.repeat(40_000) }],
    ['base64', { type: 'data', data: btoa('x'.repeat(40_000)) }],
    ['bytes', { type: 'data', data: new TextEncoder().encode('x'.repeat(40_000)) }],
  ] as const)('a text file counts as its text: %s', (_, data) => {
    for (const mediaType of ['text/plain', 'text', 'application/json', 'application/ld+json']) {
      const file = { type: 'file', mediaType, data } as const;
      expect(ofResult({ type: 'content', value: [file] }).tokens).toBeCloseTo(10_000, -1);
      const { estimate } = counting();
      const input = createInputEstimate({ prompt: [{ role: 'user', content: [file] }] });
      expect(input.tokens(estimate)).toBeCloseTo(10_000, -1);
    }
  });

  test('what a tool says as JSON is text, because models get it so', () => {
    const { tokens } = ofResult({ type: 'json', value: { image: base64 } });
    expect(tokens).toBeGreaterThan(390_000);
    expect(tokens).toBeLessThan(410_000);
  });

  test('an error, a refusal and a thought that is a file count as what they are', () => {
    expect(ofResult({ type: 'error-text', value: 'x'.repeat(400) }).tokens).toBe(100);
    expect(ofResult({ type: 'error-json', value: ['x'.repeat(396)] }).tokens).toBe(100);
    expect(ofResult({ type: 'execution-denied', reason: 'x'.repeat(400) }).tokens).toBe(100);
    expect(ofResult({ type: 'execution-denied' }).tokens).toBe(0);
    const { estimate } = counting();
    const thought = {
      type: 'reasoning-file',
      mediaType: 'image/png',
      data: { type: 'data', data: base64 },
    } as const;
    expect(
      createInputEstimate({ prompt: [{ role: 'assistant', content: [thought] }] }).tokens(estimate),
    ).toBe(250);
  });
});

describe('a huge JSON result of a tool', () => {
  const row = (index: number) => ({ id: index, name: `customer ${index}`, tags: ['a', 'b'], open: true });

  test('is measured by a sample that is about right, and never taken for certainly short', () => {
    for (const value of [
      Array.from({ length: 20_000 }, (_, index) => row(index)),
      { rows: Array.from({ length: 5_000 }, (_, index) => row(index)), page: { next: 'x'.repeat(1_000) } },
      Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key ${index}`, row(index)])),
      Array.from({ length: 300 }, () => Array.from({ length: 300 }, (_, index) => index)),
      'x'.repeat(1_000_000),
    ]) {
      const { tokens, isBelow } = ofResult({ type: 'json', value });
      const whole = JSON.stringify(value).length / 4;
      expect(tokens / whole).toBeGreaterThan(0.8);
      expect(tokens / whole).toBeLessThan(1.25);
      expect(isBelow).toBe(false);
    }
  });

  test('is looked at in a few thousand places, whatever its size and shape', () => {
    let reads = 0;
    const counted = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (from, name) => {
          reads += 1;
          return Reflect.get(from, name);
        },
      });
    const wide = counted(Array.from({ length: 100_000 }, (_, index) => counted(row(index))));
    expect(ofResult({ type: 'json', value: wide }).tokens).toBeGreaterThan(1_000_000);
    expect(reads).toBeLessThan(5_000);
  });

  test('that goes round in a circle, or holds what is no JSON, ends', () => {
    const circle: Record<string, unknown> = { name: 'loop' };
    circle.self = circle;
    circle.list = Array.from({ length: 100 }, () => circle);
    for (const input of [circle, { big: 1n, when: new Date(0), none: undefined }])
      expect(
        createInputEstimate({
          prompt: [
            { role: 'assistant', content: [{ type: 'tool-call', toolCallId: '1', toolName: 't', input }] },
          ],
        }).tokens(counting().estimate),
      ).toBeGreaterThan(0);
  });
});

test('of very many tools each is looked at in a few places, and all of them come out about right', () => {
  let reads = 0;
  const properties = (index: number) =>
    Object.fromEntries(
      Array.from({ length: 40 }, (_, own) => [
        `field${index}x${own}`,
        { type: 'string', description: 'a text' },
      ]),
    );
  const tools = Array.from({ length: 500 }, (_, index) => ({
    type: 'function' as const,
    name: `tool${index}`,
    inputSchema: {
      type: 'object' as const,
      properties: new Proxy(properties(index), {
        get: (from, name) => {
          reads += 1;
          return Reflect.get(from, name);
        },
      }) as never,
    },
  }));
  const { estimate } = counting();
  const tokens = createInputEstimate({ prompt: [], tools }).tokens(estimate);
  const whole = JSON.stringify(tools.map(({ type, ...tool }) => tool)).length / 4;
  expect(tokens / whole).toBeGreaterThan(0.8);
  expect(tokens / whole).toBeLessThan(1.25);
  reads = 0;
  createInputEstimate({ prompt: [], tools }).tokens(estimate);
  expect(reads).toBeLessThan(12_000);
});

test('what is told to be below a limit by its length alone is so for every tokenizer of bytes', () => {
  const encoder = new TextEncoder();
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 5 }),
      fc.nat(500),
      (texts, limit) => {
        const input = createInputEstimate(conversation(texts));
        const most = input.tokens(text => encoder.encode(text).length);
        if (input.isBelow(limit)) expect(most).toBeLessThan(limit);
      },
    ),
  );
});
