import { type Health, healthy, type Observation, type StateStore } from '../../state/store.ts';
import { type Check, holds, leaseMs, longMs, same } from './bench.ts';

const failure = {
  type: 'failure',
  failures: 1,
  threshold: 3,
  isOpening: false,
  cooldownMs: longMs,
  kind: 'server',
} as const satisfies Observation;

function tell({
  store,
  key,
  observation,
  token,
}: {
  readonly store: StateStore;
  readonly key: string;
  readonly observation: Observation;
  readonly token?: string;
}) {
  return store.observe({ key, observation, keepMs: longMs, ...(token !== undefined && { token }) });
}

/** Health without the time that is left. */
function facts({ openForMs: _, ...health }: Health): Omit<Health, 'openForMs'> {
  return health;
}

/** What every store has to do with health, by the sentences that say it. */
export const healthChecks: Readonly<Record<string, Check>> = {
  'counts failures in a row, opens at the threshold, and closes with a success': async ({ store, name }) => {
    const key = name('candidate');
    const seen: unknown[] = [];
    for (let time = 0; time < 3; time++) seen.push(facts(await tell({ store, key, observation: failure })));
    const closed = { isOpen: false, cooldowns: 0, openings: 0, isProbing: false, lastFailureKind: 'server' };
    same({
      actual: seen,
      expected: [
        { ...closed, failures: 1 },
        { ...closed, failures: 2 },
        { ...closed, failures: 3, isOpen: true, cooldowns: 1, openings: 1 },
      ],
      why: 'the third failure opens it',
    });
    const [open, other] = await store.health([key, name('other')]);
    holds({ that: (open?.openForMs ?? 0) > longMs / 2, why: 'it stays open for its cooldown' });
    same({ actual: other, expected: healthy, why: 'what nobody has told of is healthy' });
    same({
      actual: facts(await tell({ store, key, observation: { type: 'success', openings: 0 } })),
      expected: { ...closed, failures: 3, isOpen: true, cooldowns: 1, openings: 1 },
      why: 'a success of a turn that began before it opened says nothing',
    });
    same({
      actual: await tell({ store, key, observation: { type: 'success', openings: 1 } }),
      expected: { ...closed, failures: 0, openings: 1, openForMs: 0 },
      why: 'a later one closes it',
    });
  },

  'counts the failures of all that tell of them': async ({ store, name }) => {
    const key = name('candidate');
    await Promise.all(
      Array.from({ length: 20 }, () =>
        tell({ store, key, observation: { ...failure, failures: 2, threshold: 1_000 } }),
      ),
    );
    const [health] = await store.health([key]);
    same({ actual: health?.failures, expected: 40, why: 'none is lost' });
  },

  'opens at once, opens again, and never shortens what it was to be': async ({ store, name, pass }) => {
    const key = name('candidate');
    const opening = { ...failure, isOpening: true, kind: 'auth' } as const;
    const first = await tell({ store, key, observation: { ...opening, cooldownMs: leaseMs } });
    holds({ that: first.isOpen && first.openForMs > 0 && first.openForMs <= leaseMs, why: 'it is open' });
    await pass(leaseMs + 100);
    const [due] = await store.health([key]);
    same({
      actual: due === undefined ? undefined : [due.isOpen, due.openForMs],
      expected: [true, 0],
      why: 'a probe is due; it is not closed yet',
    });
    const again = await tell({ store, key, observation: opening });
    same({
      actual: facts(again),
      expected: {
        failures: 2,
        isOpen: true,
        cooldowns: 2,
        openings: 1,
        isProbing: false,
        lastFailureKind: 'auth',
      },
      why: 'it opened twice in a row, and was closed once before',
    });
    const shorter = await tell({ store, key, observation: { ...opening, cooldownMs: 1 } });
    holds({ that: shorter.openForMs > longMs / 2, why: 'a shorter cooldown does not end a longer one' });
    const counted = await tell({ store, key, observation: { ...failure, cooldownMs: 1 } });
    same({ actual: counted.cooldowns, expected: 3, why: 'failures of calls under way only count' });
    same({
      actual: await tell({ store, key, observation: { type: 'reset' } }),
      expected: { ...healthy, openings: 1 },
      why: 'a reset forgets',
    });
  },

  'gives the one probe to one of many, until its lease is over': async ({ store, name, id, pass }) => {
    const key = name('candidate');
    const tokens = Array.from({ length: 30 }, id);
    const got = await Promise.all(tokens.map(token => store.tryProbe({ key, token, leaseMs })));
    same({ actual: got.filter(Boolean).length, expected: 1, why: 'one of 30 has it' });
    const winner = tokens[got.indexOf(true)] ?? '';
    holds({
      that: await store.tryProbe({ key, token: winner, leaseMs }),
      why: 'who has it, has it',
    });
    const [probing] = await store.health([key]);
    same({ actual: probing?.isProbing, expected: true, why: 'everybody sees it' });
    await pass(leaseMs + 200);
    const [over] = await store.health([key]);
    same({ actual: over?.isProbing ?? false, expected: false, why: 'its lease is over' });
    holds({ that: await store.tryProbe({ key, token: id(), leaseMs }), why: 'the next one can have it' });
  },

  'ends a probe with what became of it, and with that only': async ({ store, name, id }) => {
    for (const observation of [
      { type: 'abort' },
      { type: 'success', openings: 0 },
      { ...failure, isOpening: true },
      { type: 'reset' },
    ] as const) {
      const key = name(observation.type);
      const token = id();
      await store.tryProbe({ key, token, leaseMs: longMs });
      const others = await tell({ store, key, observation: { type: 'abort' }, token: id() });
      same({ actual: others.isProbing, expected: true, why: "another one's end is not its end" });
      const ended = await tell({ store, key, observation, token });
      same({ actual: ended.isProbing, expected: false, why: `${observation.type} ends it` });
      holds({ that: await store.tryProbe({ key, token: id(), leaseMs: longMs }), why: 'it is free again' });
    }
  },

  'forgets health that is not kept any longer': async ({ store, name, pass }) => {
    const key = name('candidate');
    await store.observe({ key, observation: { ...failure, isOpening: true }, keepMs: leaseMs });
    await pass(leaseMs + 200);
    same({ actual: await store.health([key]), expected: [healthy], why: 'its time is over' });
  },
};
