import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReturnWhen } from '../../src/route/affinity/affinity.ts';
import { isDue, reasonOf } from '../../src/route/affinity/homecoming.ts';
import type { Order } from '../../src/route/order/order.ts';
import { type Health, orderCandidates } from '../../src/route/plan.ts';
import type { Comeback } from '../../src/state/breakers/comeback.ts';
import { unseen } from '../../src/state/observed/merits.ts';
import { call } from '../testing/call.ts';
import { candidateOf } from './candidate-of.ts';

const names = ['a', 'b', 'c'] as const;
const perName = <VALUE>(own: fc.Arbitrary<VALUE>) => fc.record({ a: own, b: own, c: own });
const health = fc.record<Health>({
  state: fc.constantFrom('closed', 'closed', 'closed', 'open', 'half-open'),
  isProbing: fc.boolean(),
  openUntilMs: fc.option(fc.nat(9), { nil: undefined }),
});
const cost = fc
  .record({ minUsd: fc.nat(9), minCachedUsd: fc.nat(9), extraUsd: fc.nat(9) })
  .map(({ minUsd, minCachedUsd, extraUsd }) => ({
    minUsd,
    minCachedUsd: Math.min(minUsd, minCachedUsd),
    maxUsd: minUsd + extraUsd,
  }));

const situation = fc.record({
  order: fc.constantFrom<Order[]>('listed', 'cheapest', 'fastest', 'least-busy', { weights: { a: 1, b: 2 } }),
  returnWhen: fc.constantFrom<ReturnWhen[]>('recovered', 'cheaper', 'never'),
  served: fc.constantFrom(...names, 'stranger'),
  away: fc.constantFrom('', 'd', 'c', 'a', '0', '1', '2', '7', 'E', 'w', 'z', '?'),
  health: perName(health),
  comeback: perName(fc.constantFrom<Comeback[]>('well', 'back', 'back', 'early', 'wary')),
  cost: perName(fc.option(cost, { nil: {} })),
  isStart: fc.constantFrom(true, true, true, false),
  interrupted: fc.oneof({ arbitrary: fc.constant([]), weight: 4 }, fc.subarray([...names])),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

type Situation = typeof situation extends fc.Arbitrary<infer OWN> ? OWN : never;

function planOf(own: Situation) {
  const candidates = names.map(name => candidateOf({ name }));
  const of = <VALUE>(all: Readonly<Record<(typeof names)[number], VALUE>>, name: string): VALUE => {
    const known = names.find(one => one === name);
    if (known === undefined) throw new Error(`Nobody made ${name}.`);
    return all[known];
  };
  const result = {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 'c', toolName: 'look', output: { type: 'text', value: '' } },
    ],
  } as const;
  const { prompt } = call();
  return orderCandidates({
    route: { task: 'chat', candidates, order: own.order, hasAffinity: true, returnWhen: own.returnWhen },
    everyCandidate: candidates,
    pin: undefined,
    facts: {
      options: call({
        prompt: own.isStart ? prompt : [...prompt, { ...result, content: [...result.content] }],
      }),
      input: { tokens: () => 0, isBelow: () => true },
      contextWindowOf: () => undefined,
      healthOf: ({ name }) => of(own.health, name),
      costOf: ({ name }) => of(own.cost, name),
      latencyOf: () => ({ isTried: true, firstChunkMs: 1 }),
      inFlightOf: () => 0,
      meritsOf: () => unseen,
      served: { candidate: own.served, source: 'history', away: own.away },
      interrupted: own.interrupted,
      comebackOf: ({ name }) => of(own.comeback, name),
      random: () => own.random,
    },
  });
}

describe('a plan of a conversation that is away', () => {
  test('asks everybody once, whatever becomes of it', () => {
    fc.assert(
      fc.property(situation, own => {
        const { steps } = planOf(own);
        expect(steps.map(({ candidate }) => candidate.name).toSorted()).toEqual([...names]);
      }),
    );
  });

  test('brings it back only where every condition holds', () => {
    let returned = 0;
    fc.assert(
      fc.property(situation, own => {
        const { affinity, steps, returnsTo } = planOf(own);
        if (affinity?.decision !== 'returned') return;
        returned += 1;
        const goal = affinity.candidate;
        expect(steps[0]?.candidate.name).toBe(goal);
        expect([affinity.from, affinity.reason]).toEqual([own.served, reasonOf(own.away)]);
        expect(goal).not.toBe(own.served);
        expect(own.isStart && isDue(own.away)).toBe(true);
        expect(['never', 'fastest', 'least-busy']).not.toContain(own.returnWhen);
        expect(['fastest', 'least-busy']).not.toContain(own.order);
        expect(own.interrupted).not.toContain(goal);
        const isDown = affinity.reason === 'down';
        expect(returnsTo?.name).toBe(isDown ? goal : undefined);
        const known = names.find(name => name === goal) ?? 'a';
        if (isDown) expect(['well', 'back']).toContain(own.comeback[known]);
        else expect(own.health[known].state).toBe('closed');
      }),
      { numRuns: 3_000, seed: 15 },
    );
    expect(returned).toBeGreaterThan(20);
  });

  test('has one letter at most for each way that it may go on', () => {
    fc.assert(
      fc.property(situation, own => {
        const { home } = planOf(own);
        const isKnown = own.order !== 'fastest' && own.order !== 'least-busy';
        expect(home !== undefined).toBe(isKnown);
        if (home === undefined) return;
        const { there, elsewhere, ifUnable, ifSlower } = home;
        for (const letter of [there, elsewhere, ifUnable, ifSlower])
          expect(letter.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
