import { createFaultServer, respond } from 'ai-composite/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { openProviders } from '../../examples/providers.ts';
import { runExample } from './run-example.ts';

type Run = Awaited<ReturnType<typeof runExample>>;

/** The cells of the table's lines, without the rules. */
function tableOf({ stdout }: Run): ReadonlyArray<ReadonlyArray<string>> {
  const lines = stdout.slice(stdout.indexOf('What happened')).split('\n').slice(1);
  return lines.filter(line => / {2}/.test(line) && !line.startsWith('--')).map(line => line.split(/ {2,}/));
}

describe('the quick start without keys', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runExample({ file: 'quickstart.ts' });
  }, 30_000);

  test('says that simulators answer, ends well and complains about nothing', () => {
    expect(run.stdout.split('\n')[0]).toBe(
      'No OPENAI_API_KEY, OFOX_API_KEY or GEMINI_API_KEY: local simulators answer, no model runs, nothing is billed.',
    );
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(0);
  });

  test('streams an answer for each task, then three that survive a failure', () => {
    const answers = run.stdout.split('\n').filter(line => line.includes('A simulated answer of'));
    expect(
      answers.map(line => line.match(/^(\w+) +A simulated answer of (\S+) to "[^"]+"$/)?.slice(1)),
    ).toEqual([
      ['code', 'anthropic/claude-sonnet-5'],
      ['creative', 'gpt-6-astra'],
      ['fast', 'gemini-3.8-flash'],
      ['analysis', 'anthropic/claude-opus-5.5'],
      ['fast', 'gpt-6-luna'],
      ['creative', 'anthropic/claude-opus-5.5'],
      ['code', 'gpt-6-sol'],
    ]);
  });

  test('shows who served each call, after which attempts', () => {
    const rows = tableOf(run).map(cells => cells.slice(0, 3));
    expect(rows.slice(0, -1)).toEqual([
      ['task', 'served by', 'attempts'],
      ['code', 'ofox/anthropic/claude-sonnet-5', 'ofox ok'],
      ['creative', 'openai/gpt-6-astra', 'openai ok'],
      ['fast', 'google/gemini-3.8-flash', 'google ok'],
      ['analysis', 'ofox/anthropic/claude-opus-5.5', 'ofox ok'],
      ['fast', 'openai/gpt-6-luna', 'google overloaded 503, google overloaded 503, openai ok'],
      ['creative', 'ofox/anthropic/claude-opus-5.5', 'openai network, openai network, ofox ok'],
      ['code', 'openai/gpt-6-sol', 'ofox auth 401, openai ok'],
    ]);
  });

  test('prices every call by its tokens, and the total is their sum', () => {
    const rows = tableOf(run).slice(1, -1);
    const costs = rows.map(cells => cells.at(-1) ?? '');
    // 15 tokens at 2 USD and 29 at 10 USD per million.
    expect(rows[0]?.slice(3)).toEqual(['15 / 29', '$0.000320']);
    expect(costs.every(cost => /^(≥ )?\$0\.\d{6}$/.test(cost))).toBe(true);
    // The stream that broke off may have been billed for more than is known.
    expect(costs.map(cost => cost.startsWith('≥'))).toEqual([false, false, false, false, false, true, false]);

    const sum = costs.reduce((total, cost) => total + Number(cost.replace('≥ $', '').replace('$', '')), 0);
    const total = Number(tableOf(run).at(-1)?.at(-1)?.replace('≥ $', ''));
    // Each line is rounded to a millionth when printed, the total only once.
    expect(Math.abs(total - sum)).toBeLessThan(costs.length * 0.000_000_5 + 0.000_000_5);
  });

  test('writes no colours where nobody sees them', () => {
    expect(run.stdout).not.toContain('\u001B');
  });
});

describe('the quick start with a key', () => {
  test('reads it from .env, uses that provider alone and stages no failures', async () => {
    const server = await createFaultServer();
    const openai = server.account('openai');
    openai.script([respond.answer({ text: 'Hello from a service.' })]);
    const run = await runExample({
      file: 'quickstart.ts',
      dotenv: ['OPENAI_API_KEY=sk-of-the-test', `OPENAI_BASE_URL=${openai.baseUrl}`, 'GEMINI_API_KEY='],
    });
    await server.close();

    expect(run.stdout.split('\n')[0]).toBe('Real services, by OPENAI_API_KEY. These calls cost money.');
    expect(
      tableOf(run)
        .slice(1, -1)
        .map(cells => cells.slice(0, 3)),
    ).toEqual([
      ['code', 'openai/gpt-6-sol', 'openai ok'],
      ['creative', 'openai/gpt-6-astra', 'openai ok'],
      ['fast', 'openai/gpt-6-luna', 'openai ok'],
      ['analysis', 'openai/gpt-6-sol', 'openai ok'],
    ]);
    expect(openai.requests).toHaveLength(4);
    expect(run.exitCode).toBe(0);
  }, 30_000);

  test('says in a clear line what failed, never the key, and ends with an exit code of 1', async () => {
    const server = await createFaultServer();
    const openai = server.account('openai');
    openai.script([respond.error({ kind: 'auth' })]);
    const run = await runExample({
      file: 'quickstart.ts',
      dotenv: ['OPENAI_API_KEY=sk-of-the-test', `OPENAI_BASE_URL=${openai.baseUrl}`],
    });
    await server.close();

    expect(run.stdout).toContain(
      'Failed. No answer for task "code": no candidate is left.\n- openai/gpt-6-sol: auth (401 ',
    );
    expect(
      tableOf(run)
        .slice(1, -1)
        .map(cells => cells.slice(0, 3)),
    ).toEqual(['code', 'creative', 'fast', 'analysis'].map(task => [task, 'nobody', 'see above']));
    expect(run.stdout + run.stderr).not.toContain('sk-of-the-test');
    expect(run.exitCode).toBe(1);
  }, 30_000);
});

describe("Google's key", () => {
  test.each(['GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'])('is found as %s', async name => {
    for (const other of ['OPENAI_API_KEY', 'OFOX_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'])
      vi.stubEnv(other, other === name ? 'key-of-the-test' : '');
    const { google, openai, description } = await openProviders();
    vi.unstubAllEnvs();

    expect([google, openai]).toEqual([expect.any(Function), undefined]);
    expect(description).toBe(`Real services, by ${name}. These calls cost money.`);
  });
});
