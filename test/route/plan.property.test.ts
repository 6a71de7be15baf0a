import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Order } from '../../src/route/order/order.ts';
import { type Health, orderCandidates } from '../../src/route/plan.ts';
import { unseen } from '../../src/state/observed/merits.ts';
import { call } from '../testing/call.ts';
import { candidateOf } from './candidate-of.ts';

/** What a candidate is and what is known of it, as plain data. */
type Trait = {
  readonly canUseTools: boolean;
  readonly health: Health;
  readonly maxUsd: number | undefined;
  readonly isTried: boolean;
  readonly firstChunkMs: number | undefined;
  readonly weight: number;
  readonly attempts: number;
};

type OrderKind = 'listed' | 'cheapest' | 'fastest' | 'least-busy' | 'weights' | 'score' | 'function';

const health: fc.Arbitrary<Health> = fc.record({
  state: fc.constantFrom('closed', 'open', 'half-open'),
  isProbing: fc.boolean(),
  openUntilMs: fc.option(fc.nat(100), { nil: undefined }),
});
const trait: fc.Arbitrary<Trait> = fc.record({
  canUseTools: fc.boolean(),
  health,
  // Few values, so that ties are common.
  maxUsd: fc.option(fc.nat(3), { nil: undefined }),
  isTried: fc.boolean(),
  firstChunkMs: fc.option(fc.nat(3), { nil: undefined }),
  weight: fc.nat(3),
  attempts: fc.nat(8),
});
const traits = fc.array(trait, { minLength: 1, maxLength: 6 });
const kind = fc.constantFrom<OrderKind[]>(
  'listed',
  'cheapest',
  'fastest',
  'least-busy',
  'weights',
  'score',
  'function',
);
const numbers = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: 1,
  maxLength: 12,
});

const served = fc.constantFrom(undefined, 'c0', 'c1', 'c2', 'stranger');

/** Candidates c0, c1, ... with their traits. */
const named = (all: readonly Trait[]) => all.map((own, index) => ({ ...own, name: `c${index}` }));

/** Plans a call that needs tools. */
function planOf({
  all,
  kind: orderKind,
  random,
  pin,
  served,
  interrupted = [],
}: {
  readonly all: ReadonlyArray<Trait & { readonly name: string }>;
  readonly kind: OrderKind;
  readonly random: readonly number[];
  readonly pin?: string;
  /** Who served the conversation before; `stranger` is of no route. */
  readonly served?: string | undefined;
  readonly interrupted?: ReadonlyArray<string>;
}) {
  const traitOf = new Map(all.map(own => [own.name, own]));
  const know = <KEY extends keyof Trait>(name: string, key: KEY): Trait[KEY] => {
    const own = traitOf.get(name);
    if (own === undefined) throw new Error(`Nobody made ${name}.`);
    return own[key];
  };
  const orders: Readonly<Record<OrderKind, Order>> = {
    listed: 'listed',
    cheapest: 'cheapest',
    fastest: 'fastest',
    'least-busy': 'least-busy',
    weights: { weights: Object.fromEntries(all.map(({ name, weight }) => [name, weight])) },
    score: { deadlineMs: 1_000, badAnswerUsd: 1 },
    // A stranger, a doubled name, and not everybody.
    function: ({ candidates }) => [
      'stranger',
      ...candidates.flatMap(({ name }) => (know(name, 'weight') > 1 ? [name, name] : [])).reverse(),
    ],
  };
  const candidates = all.map(({ name, canUseTools }) =>
    candidateOf({ name, capabilities: { tools: canUseTools } }),
  );
  let drawn = 0;
  const { steps, skipped, affinity, warnings } = orderCandidates({
    route: { task: 'chat', candidates, order: orders[orderKind], hasAffinity: true },
    everyCandidate: candidates,
    pin,
    facts: {
      options: call(),
      input: { tokens: () => 0, isBelow: () => false },
      contextWindowOf: () => undefined,
      healthOf: ({ name }) => know(name, 'health'),
      costOf: ({ name }) => {
        const maxUsd = know(name, 'maxUsd');
        return maxUsd === undefined ? {} : { maxUsd };
      },
      inFlightOf: ({ name }) => name.length,
      latencyOf: ({ name }) => {
        const firstChunkMs = know(name, 'firstChunkMs');
        return { isTried: know(name, 'isTried'), ...(firstChunkMs !== undefined && { firstChunkMs }) };
      },
      meritsOf: ({ name }) => ({ ...unseen, attempts: know(name, 'attempts') }),
      served: served === undefined ? undefined : { candidate: served, source: 'history' },
      interrupted,
      random: () => random[drawn++ % random.length] ?? 0,
    },
  });
  return {
    affinity,
    steps: steps.map(({ candidate, ...step }) => ({ name: candidate.name, ...step })),
    skipped: skipped.map(({ candidate }) => candidate),
    warnings,
  };
}

describe('a plan, whatever the order', () => {
  test('loses no candidate and doubles none', () => {
    fc.assert(
      fc.property(traits, kind, numbers, served, (raw, orderKind, random, before) => {
        const all = named(raw);
        const { steps, skipped } = planOf({ all, kind: orderKind, random, served: before });
        expect([...steps.map(({ name }) => name), ...skipped].sort()).toEqual(all.map(({ name }) => name));
        expect(steps.length).toBeGreaterThan(0);
      }),
    );
  });

  test('asks who broke off an answer behind everybody else, the latest last, and loses nobody', () => {
    const broken = fc.uniqueArray(fc.constantFrom<string[]>('c0', 'c1', 'c2', 'stranger'));
    fc.assert(
      fc.property(traits, kind, numbers, served, broken, (raw, orderKind, random, before, interrupted) => {
        const input = { all: named(raw), kind: orderKind, random };
        const usual = planOf(input);
        const { steps, skipped } = planOf({ ...input, served: before, interrupted });
        const names = steps.map(({ name }) => name);
        expect([...names].sort()).toEqual(usual.steps.map(({ name }) => name).sort());
        expect(skipped).toEqual(usual.skipped);
        const behind = interrupted.filter(name => names.includes(name));
        expect(names.slice(names.length - behind.length)).toEqual(behind);
        if (before === undefined && names.length > 1)
          expect(names.filter(name => !behind.includes(name))).toEqual(
            usual.steps.map(({ name }) => name).filter(name => !behind.includes(name)),
          );
      }),
    );
  });

  test('asks a pinned candidate alone', () => {
    fc.assert(
      fc.property(traits, kind, numbers, fc.nat(), served, (raw, orderKind, random, index, before) => {
        const all = named(raw);
        const pin = `c${index % all.length}`;
        const { steps, skipped, warnings } = planOf({ all, kind: orderKind, random, pin, served: before });
        expect(steps).toEqual([{ name: pin, maxAttempts: 2, reason: 'pinned' }]);
        expect([skipped, warnings]).toEqual([[], []]);
      }),
    );
  });

  test('changes nothing about the others when an incapable candidate is added', () => {
    fc.assert(
      fc.property(traits, kind, numbers, trait, fc.nat(), (raw, orderKind, random, added, index) => {
        const all = named(raw);
        // Where nobody is able all are asked, so one has to be.
        fc.pre(all.some(({ canUseTools }) => canUseTools));
        const incapable = { ...added, canUseTools: false, name: 'added' };
        const before = planOf({ all, kind: orderKind, random });
        const after = planOf({
          all: all.toSpliced(index % (all.length + 1), 0, incapable),
          kind: orderKind,
          random,
        });
        expect(after.steps).toEqual(before.steps);
        expect(after.skipped.filter(name => name !== 'added')).toEqual(before.skipped);
        expect(after.skipped).toContain('added');
      }),
    );
  });

  test('is the same for the same random numbers', () => {
    fc.assert(
      fc.property(traits, kind, numbers, served, (raw, orderKind, random, before) => {
        const input = { all: named(raw), kind: orderKind, random, served: before };
        expect(planOf(input)).toEqual(planOf(input));
      }),
    );
  });

  test('asks nobody with an open circuit breaker before somebody without', () => {
    fc.assert(
      fc.property(traits, kind, numbers, served, (raw, orderKind, random, before) => {
        const { steps } = planOf({ all: named(raw), kind: orderKind, random, served: before });
        const open = steps.map(({ reason }) => reason === 'circuit-open');
        expect(open).toEqual(open.toSorted((one, other) => Number(one) - Number(other)));
      }),
    );
  });

  test('puts who served before first where the conversation stays, and changes nothing else about the order', () => {
    fc.assert(
      fc.property(traits, kind, numbers, served, (raw, orderKind, random, before) => {
        const input = { all: named(raw), kind: orderKind, random };
        const { steps, affinity } = planOf({ ...input, served: before });
        const without = planOf(input);
        const names = (all: typeof steps) => all.map(({ name }) => name);
        if (affinity?.decision !== 'stayed') {
          expect(names(steps)).toEqual(names(without.steps));
          return;
        }
        expect(names(steps)).toEqual([
          affinity.candidate,
          ...names(without.steps).filter(name => name !== affinity.candidate),
        ]);
      }),
    );
  });

  test('keeps the listed order of ties', () => {
    fc.assert(
      fc.property(
        traits,
        fc.constantFrom<OrderKind[]>('listed', 'cheapest'),
        numbers,
        (raw, orderKind, random) => {
          const tied = named(raw).map(own => ({ ...own, maxUsd: 1, canUseTools: true }));
          const all = tied.map(own => ({ ...own, health: { ...own.health, state: 'closed' as const } }));
          const { steps } = planOf({ all, kind: orderKind, random });
          expect(steps.map(({ name }) => name)).toEqual(all.map(({ name }) => name));
        },
      ),
    );
  });
});
