import { type CallEndEvent, createComposite } from 'ai-composite';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Budget } from '../../src/budget/budget.ts';
import { createBudgets } from '../../src/budget/budgets.ts';
import type { Hold } from '../../src/budget/hold.ts';
import { memoryState } from '../../src/state/memory/memory-state.ts';
import { createHolds } from '../../src/state/shared/holds.ts';
import { createStoreLink } from '../../src/state/shared/store-link.ts';
import { createManualClock, settle } from '../fallback/manual-clock.ts';
import { scriptedModel, type Turn, usageOf } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';
import { perToken } from './setup.ts';

const limit = 1_000n;

function budget(own: Partial<Budget>): Budget {
  return {
    name: 'total',
    limit,
    every: undefined,
    per: undefined,
    onExceed: 'clamp',
    warnFrom: limit,
    unknown: undefined,
    ...own,
  };
}

/** Two processes over one state, with a clock of which each may stop hearing. */
function twoProcesses({ budgets }: { readonly budgets: ReadonlyArray<Budget> }) {
  const clock = createManualClock();
  const link = createStoreLink({ clock, onBack: () => undefined });
  const state = createHolds({ store: memoryState({ clock }), link, timeoutMs: 1_000 }).of(undefined);
  const processes = [0, 1].map(() => {
    let isDead = false;
    const kill = () => {
      isDead = true;
    };
    const own = createBudgets({
      budgets,
      state,
      clock: {
        now: clock.now,
        schedule: ({ delayMs, callback }) =>
          clock.schedule({ delayMs, callback: () => void (isDead || callback()) }),
      },
      whenAway: 'stop',
      onWarning: undefined,
    });
    return { budgets: own, kill };
  });
  return { clock, processes };
}

type Step =
  | {
      readonly type: 'ask';
      readonly process: number;
      readonly customer: string;
      readonly input: number;
      readonly longest: number;
      readonly isChosen: boolean;
    }
  /** What the answer really was, as a share of the longest that it was allowed, or more by some tokens. */
  | { readonly type: 'end'; readonly which: number; readonly share: number; readonly excess: number }
  | { readonly type: 'unknown'; readonly which: number }
  | { readonly type: 'never-sent'; readonly which: number }
  | { readonly type: 'die'; readonly process: number }
  | { readonly type: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('ask' as const),
      process: fc.integer({ min: 0, max: 1 }),
      customer: fc.constantFrom('acme', 'zoo'),
      input: fc.integer({ min: 0, max: 200 }),
      longest: fc.integer({ min: 1, max: 30_000 }),
      isChosen: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      which: fc.nat(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      excess: fc.constantFrom(0, 0, 0, 7),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unknown' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('never-sent' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('die' as const), process: fc.integer({ min: 0, max: 1 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  },
);

describe('over any interleaving of calls, failures, crashes and late settles', () => {
  test('what is spent never passes a limit but by what a provider counts beyond its own; in the end it is the sum, and nothing is held', async () => {
    const budgets = [
      budget({}),
      budget({ name: 'each', limit: 400n, per: { tag: 'customer' }, onExceed: 'cheaper' }),
      budget({ name: 'call', limit: 300n, per: 'call' }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async steps => {
        const { clock, processes } = twoProcesses({ budgets });
        const open: Array<{ readonly hold: Hold; readonly process: number; readonly customer: string }> = [];
        const sums = new Map<string, bigint>();
        let excess = 0n;
        const count = ({ customer, amount }: { readonly customer: string; readonly amount: bigint }) => {
          for (const key of ['', customer]) sums.set(key, (sums.get(key) ?? 0n) + amount);
        };
        const check = async () => {
          for (const { budgets: own } of processes)
            for (const { scope, stand } of await own.standings()) {
              expect(stand?.used).toBeLessThanOrEqual(scope.budget.limit + excess);
              expect(stand?.held).toBeGreaterThanOrEqual(0n);
              expect(stand?.used).toBeGreaterThanOrEqual(stand?.held ?? 0n);
            }
        };
        for (const own of steps) {
          switch (own.type) {
            case 'ask': {
              const process = processes[own.process]?.budgets;
              const owners = process?.ownersOf({
                request: {
                  task: undefined,
                  tags: { customer: own.customer },
                  sessionId: undefined,
                  options: { prompt: [] },
                },
                purses: new Map(),
              });
              const { longest, isChosen } = own;
              const least = Math.min(longest, 256);
              const demand = { input: BigInt(own.input), perOutputToken: 1n, longest, isChosen, least };
              const placed = await process?.place({ owners: owners ?? [], rates: [], demand, isKept: true });
              if (placed?.type === 'held')
                open.push({ hold: placed.hold, process: own.process, customer: own.customer });
              break;
            }
            case 'end':
            case 'unknown':
            case 'never-sent': {
              const [ended] = open.length === 0 ? [] : open.splice(own.which % open.length, 1);
              if (ended === undefined) break;
              const process = processes[ended.process]?.budgets;
              const held = ended.hold.money[0]?.amount ?? 0n;
              if (own.type === 'never-sent') {
                process?.release(ended.hold);
                break;
              }
              const spent =
                own.type === 'unknown'
                  ? held
                  : BigInt(Math.floor(Number(held) * own.share)) + BigInt(own.excess);
              if (spent > held) excess += spent - held;
              count({ customer: ended.customer, amount: spent });
              process?.settle({
                hold: ended.hold,
                spent: own.type === 'unknown' ? undefined : spent,
                tokens: undefined,
              });
              break;
            }
            case 'die':
              processes[own.process]?.kill();
              break;
            default:
              await clock.advance(own.ms);
          }
          await check();
        }
        // Those of dead processes settle late, after their leases.
        await clock.advance(120_000);
        await check();
        for (const { hold, process, customer } of open) {
          processes[process]?.budgets.settle({ hold, spent: 3n, tokens: undefined });
          count({ customer, amount: 3n });
        }
        for (const { budgets: own } of processes)
          for (const { scope, stand } of await own.standings())
            expect([stand?.used, stand?.held]).toEqual([sums.get(scope.key) ?? 0n, 0n]);
        expect(clock.pending()).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60 },
    );
  });

  test('ten thousand settles leave no trace but their sum', async () => {
    const {
      processes: [process],
    } = twoProcesses({ budgets: [budget({ limit: 10n ** 24n })] });
    if (process === undefined) throw new Error();
    const owners = process.budgets.ownersOf({
      request: { task: undefined, tags: {}, sessionId: undefined, options: { prompt: [] } },
      purses: new Map(),
    });
    // A tenth of a dollar, which no double holds, and a third of an atto-dollar's neighbour.
    const spent = 100_000_000_000_000_001n;
    const demand = { input: spent, perOutputToken: 7n, longest: 100, least: 100, isChosen: true };
    for (let index = 0; index < 10_000; index++) {
      const placed = process.budgets.place({ owners, rates: [], demand, isKept: true });
      if ('type' in placed && placed.type === 'held')
        process.budgets.settle({ hold: placed.hold, spent, tokens: undefined });
    }
    const [total] = await process.budgets.standings();
    expect(total?.stand).toMatchObject({ used: 10_000n * spent, held: 0n });
  });
});

describe('over any interleaving of whole calls', () => {
  const fate = fc.record({
    tokens: fc.integer({ min: 1, max: 120 }),
    maxOutputTokens: fc.integer({ min: 1, max: 120 }),
    startsAtMs: fc.integer({ min: 0, max: 500 }),
    takesMs: fc.integer({ min: 0, max: 500 }),
    ending: fc.constantFrom('answer', 'error', 'cut', 'abort', 'cancel', 'unread'),
    mode: fc.constantFrom('generate', 'stream'),
  });

  test('budgets have spent exactly what the calls say that they cost, and never more than their limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (fates, hasHedge) => {
          const clock = createManualClock();
          const wait = (delayMs: number) =>
            new Promise<void>(resolve => void clock.schedule({ delayMs, callback: resolve }));
          const ended: CallEndEvent[] = [];
          // A provider keeps to what it was allowed to say.
          const turnOf = ({ tokens, takesMs, ending }: (typeof fates)[number], allowed: number): Turn => {
            const usage = usageOf(0, Math.min(tokens, allowed));
            const before = wait(takesMs);
            if (ending === 'error') return { before, error: new Error('down') };
            if (ending === 'cut')
              return { before, text: ['a'], usage, breakAfter: 3, error: new Error('cut') };
            return { before, text: ['a', 'b'], usage };
          };
          const models = ['a', 'b'].map(id => {
            const base = scriptedModel({ id, turns: [] });
            const own = (options: Parameters<typeof base.doStream>[0]) => {
              const index = Number(options.headers?.index ?? 0);
              const of = fates[index];
              if (of === undefined) throw new Error();
              return scriptedModel({ id, turns: [turnOf(of, options.maxOutputTokens ?? 0)] });
            };
            return {
              ...base,
              doGenerate: (options: Parameters<typeof base.doStream>[0]) => own(options).doGenerate(options),
              doStream: (options: Parameters<typeof base.doStream>[0]) => own(options).doStream(options),
            };
          });
          const ai = createComposite(
            models.map(model => ({ model, price: perToken })),
            {
              budgets: [{ usd: 300 }, { name: 'small', usd: 200, every: 'day', onExceed: 'cheaper' }],
              pricing: { catalog: false },
              clock,
              retry: { initialDelayMs: 10 },
              onCallEnd: event => void ended.push(event),
              ...(hasHedge && { hedge: { afterMs: 100 } }),
            },
          );
          const run = async (own: (typeof fates)[number], index: number) => {
            await wait(own.startsAtMs);
            const controller = new AbortController();
            const options = call({
              maxOutputTokens: own.maxOutputTokens,
              tools: [],
              headers: { index: String(index) },
              abortSignal: controller.signal,
            });
            if (own.ending === 'abort') void wait(own.takesMs / 2).then(() => controller.abort());
            if (own.mode === 'generate') return void (await ai.doGenerate(options));
            const { stream } = await ai.doStream(options);
            if (own.ending === 'unread') return;
            const reader = stream.getReader();
            if (own.ending === 'cancel') return reader.cancel();
            for (let next = await reader.read(); !next.done; next = await reader.read());
          };
          const calls = fates.map((own, index) => run(own, index).catch(() => undefined));
          for (let turn = 0; turn < 20; turn++) {
            await clock.advance(100);
            for (const { spent, held, limit: most } of await ai.budgets())
              expect((spent?.usd ?? 0) + (held?.usd ?? 0)).toBeLessThanOrEqual(most.usd);
          }
          await clock.advance(700_000);
          await Promise.all(calls);
          await settle();
          const total = ended.reduce((sum, { cost }) => sum + (cost.usd ?? 0), 0);
          expect(ended).toHaveLength(fates.length);
          for (const { spent, held } of await ai.budgets())
            expect([spent?.usd, held?.usd]).toEqual([total, 0]);
          expect(clock.pending()).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
