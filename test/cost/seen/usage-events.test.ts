import { describe, expect, test } from 'vitest';
import { mergeUsage } from '../../../src/cost/seen/merge-usage.ts';
import { anthropicAnswer, chatAnswer, googleAnswer } from '../answers.ts';
import { type Answer, type Package, replay } from '../replay.ts';

const price = { inputTokens: 1, cacheReadTokens: 0.1, cacheWriteTokens: 2, outputTokens: 10 };

type Counts = Readonly<Record<string, unknown>>;

/** A stream of chat completions in which several chunks have a usage. */
function chat(...usages: readonly Counts[]): Answer {
  const { json, events } = chatAnswer({ model: 'm', usage: usages.at(-1) ?? null });
  const [first, ...rest] = events;
  const early = usages.slice(0, -1).map(usage => ({ ...Object(first), choices: [], usage }));
  return { json, events: [first, ...early, ...rest] };
}

describe('a later usage takes nothing back from an earlier one', () => {
  // 100 of the input at 1, or 60 fresh and 40 cached ones at 0.1, and 5 of the output at 10 USD per million.
  test.each<[string, Package, Answer, string]>([
    [
      'chat completions: input 0',
      'compatible:proxy',
      chat(
        { prompt_tokens: 100, completion_tokens: 1, total_tokens: 101 },
        { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 },
      ),
      '0.00015',
    ],
    [
      'chat completions: input 0, several times, and null',
      'compatible:proxy',
      chat(
        { prompt_tokens: 100, completion_tokens: 0, total_tokens: 100 },
        { prompt_tokens: 0, completion_tokens: 3, total_tokens: 3 },
        { prompt_tokens: null, completion_tokens: 5, total_tokens: 5 },
        { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      ),
      '0.00015',
    ],
    [
      'chat completions: input, then output',
      'compatible:proxy',
      chat({ prompt_tokens: 100, total_tokens: 100 }, { completion_tokens: 5 }),
      '0.00015',
    ],
    [
      'chat completions: cached input 0',
      'compatible:proxy',
      chat(
        { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 40 } },
        { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 0 } },
      ),
      '0.000114',
    ],
    [
      'OpenAI’s own package',
      'chat',
      chat(
        { prompt_tokens: 100, completion_tokens: 1, total_tokens: 101 },
        { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 },
      ),
      '0.00015',
    ],
    [
      'Anthropic: input 0',
      'anthropic',
      anthropicAnswer({
        model: 'm',
        start: { input_tokens: 100, output_tokens: 1 },
        usage: { input_tokens: 0, output_tokens: 5 },
      }),
      '0.00015',
    ],
    [
      'Anthropic: cache reads and writes 0',
      'anthropic',
      anthropicAnswer({
        model: 'm',
        start: {
          input_tokens: 60,
          cache_read_input_tokens: 40,
          cache_creation_input_tokens: 10,
          output_tokens: 1,
        },
        usage: {
          input_tokens: 0,
          cache_read_input_tokens: 0,
          cache_creation_input_tokens: 0,
          output_tokens: 5,
        },
      }),
      '0.000134',
    ],
    [
      'Anthropic: the output of the first event is none',
      'anthropic',
      anthropicAnswer({
        model: 'm',
        start: { input_tokens: 100, output_tokens: 7 },
        usage: { input_tokens: 100, output_tokens: 0 },
      }),
      '0.0001',
    ],
    [
      'Gemini: input 0',
      'google',
      googleAnswer({
        early: [{ usage: { promptTokenCount: 100, candidatesTokenCount: 1, totalTokenCount: 101 } }],
        usage: { promptTokenCount: 0, candidatesTokenCount: 5, totalTokenCount: 5 },
      }),
      '0.00015',
    ],
    [
      'Gemini: without input',
      'google',
      googleAnswer({
        early: [{ usage: { promptTokenCount: 100, cachedContentTokenCount: 40, totalTokenCount: 100 } }],
        usage: { candidatesTokenCount: 5, totalTokenCount: 105 },
      }),
      '0.000114',
    ],
  ])('%s', async (_, name, answer, usdExact) => {
    const { cost } = await replay({
      mode: 'stream',
      package: name,
      modelId: 'm',
      answer,
      settings: { price },
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact, source: 'settings' });
    expect(cost).not.toHaveProperty('flags');
  });

  test('after a server-side fallback a 0 is one: the counts are those of the model that served', async () => {
    const served = { input_tokens: 100, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
    const { cost } = await replay({
      mode: 'stream',
      package: 'anthropic',
      modelId: 'm',
      answer: anthropicAnswer({
        model: 'm',
        start: { input_tokens: 60, cache_creation_input_tokens: 40, output_tokens: 1 },
        usage: {
          ...served,
          output_tokens: 5,
          iterations: [
            {
              type: 'message',
              model: 'm',
              input_tokens: 60,
              cache_creation_input_tokens: 40,
              output_tokens: 0,
            },
            { type: 'fallback_message', model: 'm', ...served, output_tokens: 5 },
          ],
        },
      }),
      settings: { price },
    });
    expect(cost).toMatchObject({ usdExact: '0.00015' });
  });
});

describe('usages put over each other', () => {
  test('the later count wins where it is one; nothing is changed in place', () => {
    const first = { prompt_tokens: 100, completion_tokens: 1, details: { cached: 40, audio: 2 } };
    const last = { prompt_tokens: 110, completion_tokens: 5, details: { cached: 0 } };
    expect(mergeUsage({ first, last })).toEqual({
      prompt_tokens: 110,
      completion_tokens: 5,
      details: { cached: 40, audio: 2 },
    });
    expect(last).toEqual({ prompt_tokens: 110, completion_tokens: 5, details: { cached: 0 } });
  });

  test('a total stays where the later usage says all of it, and goes where a count of it was lost', () => {
    const first = { prompt_tokens: 100, total_tokens: 100 };
    expect(mergeUsage({ first, last: { completion_tokens: 5, total_tokens: 105 } })).toEqual({
      prompt_tokens: 100,
      completion_tokens: 5,
      total_tokens: 105,
    });
    expect(mergeUsage({ first, last: { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 } })).toEqual({
      prompt_tokens: 100,
      completion_tokens: 5,
    });
    expect(mergeUsage({ first, last: { completion_tokens: 5 } })).toEqual({
      prompt_tokens: 100,
      completion_tokens: 5,
    });
  });

  test.each([
    [undefined, { prompt_tokens: 1 }, { prompt_tokens: 1 }],
    [{ prompt_tokens: 1 }, undefined, { prompt_tokens: 1 }],
    [{ prompt_tokens: 1 }, null, { prompt_tokens: 1 }],
    [{ list: [1] }, { list: [] }, { list: [1] }],
    [{ list: [1] }, { list: [2] }, { list: [2] }],
    [{ prompt_tokens: 0 }, { prompt_tokens: 0 }, { prompt_tokens: 0 }],
  ])('%j and %j are %j', (first, last, merged) => {
    expect(mergeUsage({ first, last })).toEqual(merged);
  });

  test('one that repeats all counts is taken as it is', () => {
    const last = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
    expect(mergeUsage({ first: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 }, last })).toBe(
      last,
    );
  });
});
