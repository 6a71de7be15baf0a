import { expect, test } from 'vitest';
import { runExample } from './run-example.ts';

const simulated =
  'No OPENAI_API_KEY, OFOX_API_KEY or GEMINI_API_KEY: local simulators answer, no model runs, nothing is billed.';

/** The lines after the first, which says where the answers come from. */
async function linesOf(file: string): Promise<ReadonlyArray<string>> {
  const { stdout, stderr, exitCode } = await runExample({ file });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const [first, ...lines] = stdout.trimEnd().split('\n');
  expect(first).toBe(simulated);
  return lines;
}

test('a direct call reaches the provider it names, and its cost is known', async () => {
  const lines = await linesOf('direct-call.ts');
  expect(lines.map(line => line.replace(/\$[\d.]+/, '$').replace(/ to ".*"$/, ''))).toEqual([
    'openai (gpt-6-luna, $): A simulated answer of gpt-6-luna',
    'claude (anthropic/claude-sonnet-5, $): A simulated answer of anthropic/claude-sonnet-5',
    'gemini (gemini-3.8-flash, $): A simulated answer of gemini-3.8-flash',
  ]);
}, 30_000);

test('a task decides who answers: pinned, named in the call, classified, or the default', async () => {
  const lines = await linesOf('task-routing.ts');
  expect(lines.map(line => line.replace(/: .*$/, ''))).toEqual([
    'fast by google/gemini-3.8-flash',
    'analysis by ofox/anthropic/claude-opus-5.5',
    'analysis by ofox/anthropic/claude-opus-5.5',
    'fast by google/gemini-3.8-flash',
  ]);
}, 30_000);

test('a list falls back in its order, and says what happened when nobody is left', async () => {
  const lines = await linesOf('ordered-fallback.ts');
  expect(lines.map(line => line.replace(/ after \d+ ms$/, ''))).toEqual([
    'attempt 1: down network',
    'attempt 2: down network',
    'attempt 3: ofox/anthropic/claude-sonnet-5 success',
    'answer of ofox/anthropic/claude-sonnet-5: A simulated answer of anthropic/claude-sonnet-5 to "Say hello."',
    'as expected without a stand-in: No answer for task "chat": no candidate is left.',
    '- down: network (econnrefused), then network (econnrefused)',
  ]);
}, 30_000);

test('costs are known per result and as totals by task, model and tag', async () => {
  const lines = await linesOf('cost-tracking.ts');
  const costs = Object.fromEntries(lines.map(line => line.trim().split(': ')));
  expect(Object.keys(costs)).toEqual([
    'one result',
    'one stream',
    '2 calls',
    'code',
    'fast',
    'anthropic/claude-sonnet-5',
    'gemini-3.8-flash',
    'customer=acme',
  ]);
  expect(Object.values(costs).every(cost => /^\$0\.\d{6}$/.test(String(cost)))).toBe(true);
  expect(costs['one result']).toBe(costs.code);
  expect(costs['one result']).toBe(costs['customer=acme']);
  expect(costs['one stream']).toBe(costs['gemini-3.8-flash']);
}, 30_000);

test('a conversation stays on the candidate that served it', async () => {
  const lines = await linesOf('conversation.ts');
  expect(lines.slice(-3).map(line => line.replace(/\$[\d.]+/, '$'))).toEqual([
    'new: down failure, openai/gpt-6-luna success ($)',
    'stayed: openai/gpt-6-luna success ($)',
    'stayed: openai/gpt-6-luna success ($)',
  ]);
  expect(lines[0]).toMatch(/^task +order +candidate/);
}, 30_000);

test('a ledger of two simulated weeks says what was paid, and its page is written to a file', async () => {
  const { stdout, stderr, exitCode } = await runExample({ file: 'ledger.ts' });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map(line => line.replace(/\$\d\.\d+/, '$').replace(/: \/.*$/, ''))).toEqual([
    'acme: 134 calls, $',
    'globex: 133 calls, $',
    'initech: 133 calls, $',
    expect.stringMatching(/^answered: 100\.0 %, by a fallback: \d\.\d %$/),
    'The page',
  ]);
}, 30_000);

test('a budget bends before it breaks: shorter, then cheaper, then refused', async () => {
  const { stdout, stderr, exitCode } = await runExample({ file: 'budget.ts' });
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const lines = stdout.trimEnd().split('\n');
  expect(lines[1]).toBe('1. large, $0.007400');
  expect(lines[2]).toMatch(/^2\. large, .* leaves room for 432 of 500 output tokens of large/);
  expect(lines[4]).toMatch(/^4\. small, .*; large: budget "day per customer" has \$0\.007800 left/);
  expect(lines[5]).toBe('acme has spent $0.024660 of $0.030000 (day per customer)');
  expect(lines.at(-5)).toMatch(/^The budget "day per customer" of acme leaves no room for task "default"\./);
  expect(lines.slice(-2)).toEqual(['acme: spent $0.028350, held $0', 'everybody: spent $0.028350, held $0']);
}, 30_000);

test('an agent goes on in the middle of its work, takes a task per step and knows what it cost', async () => {
  const lines = await linesOf('agent.ts');
  expect(lines.map(line => line.replace(/\$[\d.]+/, '$'))).toEqual([
    'step 1: work by openai/gpt-6-luna success: weather ($)',
    'step 2: work by openai/gpt-6-luna failure, ofox/anthropic/claude-sonnet-5 success: trains ($)',
    'step 3: write by ofox/anthropic/claude-sonnet-5 success: answer ($)',
    expect.stringMatching(
      /^A simulated answer of anthropic\/claude-sonnet-5 to ".*21 °C, sunny.*platform 7"$/,
    ),
    'the whole run: $',
  ]);
}, 30_000);

test('a workflow asks a task for each of its parts and adds up', async () => {
  const lines = await linesOf('workflow.ts');
  const costs = Object.fromEntries(lines.map(line => line.split(': ')));
  expect(Object.keys(costs)).toEqual([
    'facts by google/gemini-3.8-flash',
    'ideas by openai/gpt-6-luna',
    'write by ofox/anthropic/claude-sonnet-5',
    'together',
    'by tag',
  ]);
  expect(costs.together).toMatch(/^\$0\.\d{6}$/);
  expect(costs['by tag']).toBe(costs.together);
}, 30_000);
