import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createInputEstimate } from '../../src/cost/estimate/estimate-input.ts';

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
    const returned = '{"type":"text","value":"yes"}'.length;
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

  test('is 0 where an estimator answers nonsense', () => {
    for (const nonsense of [-5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(createInputEstimate(conversation(['hello'])).tokens(() => nonsense)).toBe(0);
  });
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
