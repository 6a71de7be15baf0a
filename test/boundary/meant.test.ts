import { describe, expect, test } from 'vitest';
import { meant } from '../../src/boundary/meant.ts';

const known =
  'attempts timeout fallbackWhen hedge instructions tasks defaultTask prices onAttemptEnd onCallEnd'.split(
    ' ',
  );

describe('what was meant by the name of an option that there is not', () => {
  test.each([
    ['timout', 'timeout'],
    ['timeoutMs', 'timeout'],
    ['timeouts', 'timeout'],
    ['hegde', 'hedge'],
    ['Attempts', 'attempts'],
    ['price', 'prices'],
    ['default', 'defaultTask'],
    ['maxRetries', 'attempts'],
    ['onError', 'onAttemptEnd'],
    ['system', 'instructions'],
  ])('"%s" is %s', (name, option) => {
    expect(meant({ name, known })).toBe(`did you mean ${option}?`);
  });

  test('is one of those that there are', () => {
    expect(meant({ name: 'maxRetries', known: ['maxRetry', 'fetch'] })).toBeUndefined();
    expect(meant({ name: 'input', known: ['inputTokens', 'outputTokens'] })).toBe(
      'did you mean inputTokens?',
    );
    expect(meant({ name: 'retries', known: ['fetch', 'clock'] })).toBeUndefined();
  });

  test.each(['fallback', 'fallbacks', 'models'])('"%s" is a place in a list', name => {
    const says = /listed in their order, who stands in behind the first one/;
    expect(meant({ name, known })).toMatch(says);
    expect(meant({ name, known: ['candidates'] })).toMatch(says);
    expect(meant({ name, known: ['port'] })).toBeUndefined();
  });

  test.each(['apiKey', 'toString', 'code', 'baseURL', ''])('"%s" is not guessed', name => {
    expect(meant({ name, known })).toBeUndefined();
  });
});
