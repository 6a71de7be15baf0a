import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { generateText } from 'ai';
import { createComposite } from 'ai-composite';
import {
  LedgerError,
  type LedgerProblem,
  type LedgerSettings,
  openLedger,
  type PostgresClient,
} from 'ai-composite/ledger';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { callEnd } from './calls.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = () => path.join(folder, 'costs.db');

/** A Postgres that is away as long as a test says so, and refuses calls of one id; it keeps nothing. */
function fakePostgres() {
  const state = { isAway: false, refused: 'none', written: [] as string[], statements: 0 };
  const client: PostgresClient = {
    query: async (text, [calls] = []) => {
      state.statements += 1;
      if (state.isAway) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      if (!text.includes('new_calls')) return { rows: [] };
      const ids: string[] = JSON.parse(String(calls)).map(({ id }: { id: string }) => id);
      if (ids.includes(state.refused))
        throw Object.assign(new Error('value out of range'), { code: '22003' });
      state.written.push(...ids);
      return { rows: [] };
    },
  };
  return { state, client };
}

async function opened(settings: Omit<LedgerSettings, 'postgres'> = {}) {
  const clock = createManualClock();
  const problems: LedgerProblem[] = [];
  const { state, client } = fakePostgres();
  const ledger = await openLedger({
    postgres: client,
    clock,
    onProblem: problem => void problems.push(problem),
    ...settings,
  });
  state.statements = 0;
  return { ledger, clock, state, problems };
}

describe('writing', () => {
  test('waits a second for other calls, and writes them together', async () => {
    const { ledger, clock, state } = await opened();
    for (const id of ['1', '2', '3']) ledger.onCallEnd(callEnd({ id }));
    await clock.advance(999);
    expect(state.written).toEqual([]);
    await clock.advance(1);
    expect(state).toMatchObject({ written: ['1', '2', '3'], statements: 1 });
    expect(ledger.status()).toEqual({ buffered: 0, written: 3, dropped: 0 });
    expect(clock.pending()).toBe(0);
    await ledger.close();
  });

  test('writes each call at once where a serverless function must stay for it', async () => {
    const promises: Promise<unknown>[] = [];
    const { ledger, clock, state } = await opened({ waitUntil: promise => void promises.push(promise) });
    ledger.onCallEnd(callEnd({ id: '1' }));
    expect(promises).toHaveLength(1);
    await Promise.all(promises);
    expect(state.written).toEqual(['1']);
    expect(clock.pending()).toBe(0);
    await ledger.close();
  });

  test('keeps calls while the database is away, says so once, tries again less and less often, and loses none', async () => {
    const { ledger, clock, state, problems } = await opened();
    state.isAway = true;
    ledger.onCallEnd(callEnd({ id: '1' }));
    await clock.advance(1_000);
    ledger.onCallEnd(callEnd({ id: '2' }));
    await clock.advance(300_000);
    expect(problems).toEqual([
      {
        type: 'database-away',
        message:
          'The ledger cannot be written now: connect ECONNREFUSED. 1 calls wait; they are tried again.',
        buffered: 1,
        written: 0,
        dropped: 0,
        problem: 'connect ECONNREFUSED',
      },
    ]);
    expect(clock.delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, ...Array(10).fill(30_000)]);
    await expect(ledger.flush()).rejects.toSatisfy(LedgerError.isInstance);
    expect(ledger.status()).toEqual({ buffered: 2, written: 0, dropped: 0, problem: 'connect ECONNREFUSED' });
    state.isAway = false;
    await clock.advance(30_000);
    expect(state.written).toEqual(['1', '2']);
    expect(ledger.status()).toEqual({ buffered: 0, written: 2, dropped: 0 });
    await ledger.close();
  });

  test('counts what it had to drop because its buffer was full, and says so once', async () => {
    const { ledger, clock, state, problems } = await opened({ maxBuffered: 3 });
    for (const id of ['1', '2', '3', '4', '5']) ledger.onCallEnd(callEnd({ id }));
    expect(problems.map(({ type, dropped }) => [type, dropped])).toEqual([['buffer-full', 1]]);
    await clock.advance(1_000);
    expect(state.written).toEqual(['1', '2', '3']);
    expect(ledger.status()).toEqual({ buffered: 0, written: 3, dropped: 2 });
    await ledger.close();
  });

  test('drops the one call that the database refuses, and writes all others', async () => {
    const { ledger, clock, state, problems } = await opened();
    state.refused = '7';
    for (let id = 0; id < 20; id++) ledger.onCallEnd(callEnd({ id: String(id) }));
    await clock.advance(1_000);
    expect([...state.written].sort((one, other) => Number(one) - Number(other))).toEqual(
      Array.from({ length: 20 }, (_, id) => String(id)).filter(id => id !== '7'),
    );
    expect(problems).toMatchObject([{ type: 'call-refused', dropped: 1 }]);
    await ledger.close();
  });

  test('never fails a call, not even with an event that is none', async () => {
    const { ledger, clock, problems } = await opened();
    ledger.onCallEnd({} as never);
    ledger.onCallEnd(callEnd({ id: '1' }));
    await clock.advance(1_000);
    expect(ledger.status()).toMatchObject({ written: 1, dropped: 1 });
    expect(problems).toMatchObject([{ type: 'call-refused' }]);
    await ledger.close();
  });

  test('takes no more calls once it is closed, and says so', async () => {
    const { ledger, state, problems } = await opened();
    ledger.onCallEnd(callEnd({ id: '1' }));
    await ledger.close();
    ledger.onCallEnd(callEnd({ id: '2' }));
    expect(state.written).toEqual(['1']);
    expect(problems).toMatchObject([
      { type: 'buffer-full', dropped: 1, message: expect.stringContaining('closed') },
    ]);
  });
});

describe('a file', () => {
  test('keeps what a composite asked, without what was asked and answered', async () => {
    const ledger = await openLedger({ database: file() });
    const model = scriptedModel({
      id: 'one',
      turns: [{ error: new Error('SECRET-ERROR') }, { text: ['SECRET-ANSWER'] }],
    });
    const ai = createComposite([{ model, price: { inputTokens: 1, outputTokens: 1 } }], {
      onCallEnd: ledger.onCallEnd,
    });
    await generateText({ model: ai, prompt: 'SECRET-PROMPT', maxRetries: 0 }).catch(() => {});
    await generateText({ model: ai, prompt: 'SECRET-PROMPT', headers: { authorization: 'SECRET-KEY' } });
    await ledger.close();
    const database = new DatabaseSync(file());
    const dump = JSON.stringify(
      ['calls', 'attempts', 'days', 'tag_days', 'times'].map(name =>
        database.prepare(`SELECT * FROM ai_composite_${name}`).all(),
      ),
    );
    database.close();
    expect(dump).toContain('scripted/one');
    expect(dump).not.toContain('SECRET');
  });

  test('is opened again with what it had', async () => {
    for (const id of ['1', '2']) {
      const ledger = await openLedger({ database: file() });
      ledger.onCallEnd(callEnd({ id }));
      await ledger.close();
    }
    const ledger = await openLedger({ database: file() });
    expect(await ledger.calls({ from: 0 })).toHaveLength(2);
    await ledger.close();
  });

  test('that another process is writing is written later, and nothing is lost', async () => {
    const problems: LedgerProblem[] = [];
    const clock = createManualClock();
    const ledger = await openLedger({
      database: file(),
      clock,
      onProblem: problem => void problems.push(problem),
    });
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    ledger.onCallEnd(callEnd({ id: '1' }));
    await clock.advance(1_000);
    expect(problems).toMatchObject([{ type: 'database-away', problem: 'database is locked' }]);
    other.exec('COMMIT');
    other.close();
    await clock.advance(2_000);
    await ledger.flush();
    expect(ledger.status()).toEqual({ buffered: 0, written: 1, dropped: 0 });
    await ledger.close();
  });

  test('of a later version is refused, and left as it is', async () => {
    await (await openLedger({ database: file() })).close();
    const database = new DatabaseSync(file());
    database.exec('UPDATE ai_composite_schema SET version = 99');
    await expect(openLedger({ database: file() })).rejects.toThrow(
      /made by a later version of ai-composite; update/,
    );
    expect(database.prepare('SELECT version FROM ai_composite_schema').all()).toEqual([{ version: 99 }]);
    database.close();
  });

  test('that is no database, or in no folder, is a clear error', async () => {
    writeFileSync(
      file(),
      'a text, and long enough to be taken for a header of a database file, which it is not at all',
    );
    await expect(openLedger({ database: file() })).rejects.toThrow(
      /costs\.db cannot be opened: file is not a database/,
    );
    await expect(openLedger({ database: path.join(folder, 'none', 'x.db') })).rejects.toSatisfy(
      LedgerError.isInstance,
    );
  });

  test.each([
    ['ends by itself', ''],
    ['calls process.exit()', 'process.exit(0);'],
  ])('has all calls of a process that %s', async (_name, end) => {
    const script = path.join(folder, 'script.mjs');
    const source = pathToFileURL(path.resolve('test/ledger/calls.ts'));
    writeFileSync(
      script,
      `import { openLedger } from '${pathToFileURL(path.resolve('src/ledger/index.ts'))}';
       import { callEnd } from '${source}';
       const ledger = await openLedger({ database: ${JSON.stringify(file())} });
       for (let id = 0; id < 120; id++) ledger.onCallEnd(callEnd({ id: String(id) }));
       ${end}`,
    );
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=ai-composite-source', script], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const ledger = await openLedger({ database: file() });
    expect(await ledger.spend({ from: 0 })).toMatchObject([{ calls: 120, usdExact: '0.24' }]);
    await ledger.close();
  });

  test('says what it lost where a process ends while another one holds it', () => {
    const script = path.join(folder, 'script.mjs');
    writeFileSync(
      script,
      `import { DatabaseSync } from 'node:sqlite';
       import { openLedger } from '${pathToFileURL(path.resolve('src/ledger/index.ts'))}';
       import { callEnd } from '${pathToFileURL(path.resolve('test/ledger/calls.ts'))}';
       const ledger = await openLedger({ database: ${JSON.stringify(file())} });
       new DatabaseSync(${JSON.stringify(file())}).exec('BEGIN IMMEDIATE');
       ledger.onCallEnd(callEnd({ id: '1' }));
       process.exit(0);`,
    );
    const { stderr } = spawnSync(process.execPath, ['--conditions=ai-composite-source', script], {
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      'ai-composite: The process ended with 1 calls that are in no ledger: database is locked.\n',
    );
  });

  test('written by four processes at once has the calls of all', async () => {
    const script = path.join(folder, 'script.mjs');
    writeFileSync(
      script,
      `import { openLedger } from '${pathToFileURL(path.resolve('src/ledger/index.ts'))}';
       import { callEnd } from '${pathToFileURL(path.resolve('test/ledger/calls.ts'))}';
       const ledger = await openLedger({ database: ${JSON.stringify(file())}, flushMs: 1, onProblem: () => {} });
       for (let id = 0; id < 300; id++) ledger.onCallEnd(callEnd({ id: process.argv[2] + '-' + id }));
       for (;;) { try { await ledger.flush(); break; } catch {} }
       await ledger.close();`,
    );
    const { spawn } = await import('node:child_process');
    const codes = await Promise.all(
      ['a', 'b', 'c', 'd'].map(
        name =>
          new Promise(resolve =>
            spawn(process.execPath, ['--conditions=ai-composite-source', script, name], {
              stdio: 'inherit',
            }).on('exit', resolve),
          ),
      ),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    const ledger = await openLedger({ database: file() });
    expect(await ledger.spend({ from: 0 })).toMatchObject([{ calls: 1_200, usdExact: '2.4' }]);
    await ledger.close();
  });
});

describe('settings that cannot work', () => {
  test.each<readonly [settings: object, message: RegExp]>([
    [{}, /needs database: 'costs\.db' for a file, or postgres: with your client/],
    [{ database: '' }, /openLedger\.database: must not be empty/],
    [{ database: 'x.db', postgres: { query: () => {} } }, /takes database or postgres, not both/],
    [{ postgres: { exec: () => {} } }, /openLedger\.postgres: must be a client with query/],
    [{ file: 'x.db' }, /has no option "file"; it takes database, postgres/],
    [{ database: ':memory:', flushMs: 0 }, /openLedger\.flushMs: must be above 0 \(got 0\)/],
    [{ database: ':memory:', maxBuffered: 0 }, /openLedger\.maxBuffered: must be at least 1/],
  ])('%j is refused', async (settings, message) => {
    await expect(openLedger(settings as LedgerSettings)).rejects.toThrow(message);
  });

  test('a question that cannot be answered is refused', async () => {
    const ledger = await openLedger({ database: ':memory:' });
    await expect(ledger.spend({ by: ['week' as 'day'] })).rejects.toThrow(
      /spend\.by\.0: must be one of day, month, task/,
    );
    await expect(ledger.spend({ from: '2026-11-01' as never })).rejects.toThrow(
      /spend\.from: must be a Date, or milliseconds/,
    );
    await expect(ledger.calls({ limit: 0 })).rejects.toThrow(/calls\.limit: must be at least 1/);
    expect(() => ledger.csv({ since: 0 } as never)).toThrow(/has no option "since"/);
    await ledger.close();
  });
});
