import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createPriceCatalog } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { failureKinds } from '../../src/failure/failure-kind.ts';
import { decideAction } from '../../src/fallback/action.ts';
import { defaults } from '../../src/settings/defaults.ts';
import { parseSettings } from '../../src/settings/settings.ts';
import * as names from '../examples/readme-names.ts';
import { waitNames, waitTable } from '../state/wait-table.ts';
import { pageOf, root } from './pages.ts';

/** The cells of the lines of the first table behind some words, without the head. */
function tableAfter({
  file,
  words,
}: {
  readonly file: string;
  readonly words: string;
}): ReadonlyArray<ReadonlyArray<string>> {
  const { text } = pageOf(file);
  const section = text.slice(text.indexOf(words));
  const lines = section.slice(section.indexOf('\n| ')).trimStart().split('\n\n')[0]?.split('\n') ?? [];
  return lines.slice(2).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
}

describe('the tables of docs/', () => {
  test('name every failure kind with its default action', () => {
    const actionOf = ({
      kind,
      retryAfterMs,
    }: {
      readonly kind: (typeof failureKinds)[number];
      readonly retryAfterMs?: number;
    }) =>
      decideAction({
        failure: { kind, error: undefined, ...(retryAfterMs !== undefined && { retryAfterMs }) },
        verdict: undefined,
        candidateAttempt: 1,
        maxAttempts: 2,
        durationMs: 0,
        isLast: false,
        retriesAllowed: true,
        backoff: { initialDelayMs: 500, maxDelayMs: 8_000, maxRetryAfterMs: 3_000 },
        random: () => 0,
      }).type;
    const words = {
      retry: 'Retry, then fall back',
      'fall-back': 'Fall back',
      stop: 'Stop: a refusal is surfaced',
    };
    const documented = Object.fromEntries(
      tableAfter({ file: 'docs/fallback.md', words: '## What happens after which failure' }).map(cells => [
        cells[0]?.replaceAll('`', ''),
        cells.at(-1),
      ]),
    );
    const { 'rate-limit': rateLimit, ...others } = documented;

    expect(rateLimit).toBe('Wait and retry if `Retry-After` is at most 3 s, else fall back');
    expect(
      [3_000, 3_001, undefined].map(ms =>
        actionOf({ kind: 'rate-limit', ...(ms !== undefined && { retryAfterMs: ms }) }),
      ),
    ).toEqual(['retry', 'fall-back', 'fall-back']);
    expect(others).toEqual(
      Object.fromEntries(
        failureKinds.filter(kind => kind !== 'rate-limit').map(kind => [kind, words[actionOf({ kind })]]),
      ),
    );
  });

  test('name the default time limits', () => {
    const { candidates } = parseSettings({ tasks: { chat: [names.openai('gpt-6-sol')] } });
    const limits = candidates[0]?.timeouts;
    const documented = Object.fromEntries(
      tableAfter({ file: 'docs/timeouts.md', words: 'Limits are about progress' }).map(cells => [
        cells[0]?.replaceAll('`', ''),
        cells.at(-1)?.replaceAll(',', ''),
      ]),
    );
    expect(documented).toEqual({
      firstChunkMs: `${limits?.firstChunkMs.usualMs} or ${limits?.firstChunkMs.thinkingMs} where the model thinks first`,
      unreadMs: String(limits?.unreadMs),
      attemptMs: String(limits?.attemptMs),
      chunkMs: `${limits?.chunkMs.insideTextMs} inside text ${limits?.chunkMs.elsewhereMs} elsewhere`,
      totalMs: limits?.totalMs === Number.POSITIVE_INFINITY ? 'none' : String(limits?.totalMs),
    });
  });
});

test('the table of limits that learn is what the simulation comes to', () => {
  const table = tableAfter({ file: 'docs/timeouts.md', words: 'Simulated, 20,000 requests each' });
  expect(table.map(([name]) => name)).toEqual(waitNames);
  // A line takes a second or two; whoever changes the estimator prints all of them.
  const some = ['a chat model, 0.6 s', 'thinks for 15 s, 1 in 500'];
  expect(table.filter(([name = '']) => some.includes(name))).toEqual(waitTable(some));
});

test('names the default settings of fallback', () => {
  const documented = Object.fromEntries(
    tableAfter({ file: 'docs/fallback.md', words: 'What holds for all routes' }).map(cells => [
      cells[0]?.replaceAll('`', ''),
      cells.at(-1)?.replaceAll(/(\d),(\d)/g, '$1$2'),
    ]),
  );
  const { attempts, retry, retryBudget, circuitBreaker, classifyTimeoutMs } = defaults;
  const valuesOf = (settings: object) => Object.values(settings).join(', ');
  expect(documented).toEqual({
    attempts: String(attempts),
    retry: valuesOf(retry),
    retryBudget: valuesOf(retryBudget),
    circuitBreaker: valuesOf(circuitBreaker),
    classifyTimeoutMs: String(classifyTimeoutMs),
  });
});

test('the prices of the models are what the package finds', async () => {
  const catalog = createPriceCatalog();
  const rows = tableAfter({ file: 'docs/models.md', words: '## The models' });
  const found = await Promise.all(
    rows.map(async ([model = '', words]) => {
      const [provider = '', modelId = ''] = model.replaceAll('`', '').split('/');
      const listed = await catalog.lookUp({ provider, modelId, atMs: Date.parse('2026-11-28') });
      if (!listed.price) return [model, 'no price is known'];
      const { inputTokens, cacheReadTokens, outputTokens } = listed.price;
      const context = listed.contextWindow?.toLocaleString('en-US');
      return [model, words, context, ...[inputTokens, cacheReadTokens, outputTokens].map(String)];
    }),
  );
  expect(rows.length).toBeGreaterThan(10);
  expect(rows).toEqual(found);
});

test('every command of README.md is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const named = [...pageOf('README.md').text.matchAll(/`npm (?:install && npm )?(start|test|run \w+)`/g)].map(
    match => match[1]?.replace('run ', ''),
  );
  expect(named).toEqual(['start', 'test']);
  for (const name of named) expect(scripts).toHaveProperty(String(name));
});
