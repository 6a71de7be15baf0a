/** One way to do a work; `run` does it `count` times. */
export type Contestant = {
  readonly name: string;
  readonly run: (count: number) => Promise<unknown> | unknown;
};

/** A median, and the quartiles around it. */
export type Spread = { readonly median: number; readonly low: number; readonly high: number };

/** What one contestant took: nanoseconds per operation, beside the first contestant of the same rounds. */
export type Taken = {
  readonly name: string;
  readonly ns: Spread;
  readonly ratio: Spread;
  readonly addedNs: Spread;
};

/** How long to measure. */
export type Effort = { readonly rounds: number; readonly batchMs: number; readonly warmUpMs: number };

export const efforts = {
  smoke: { rounds: 2, batchMs: 1, warmUpMs: 2 },
  quick: { rounds: 15, batchMs: 5, warmUpMs: 60 },
  full: { rounds: 60, batchMs: 10, warmUpMs: 200 },
} as const satisfies Record<string, Effort>;

/**
 * Measures contestants in turn: every round runs all of them once, in an order of its own, with the first one, the baseline,
 * before and after the others. A ratio is taken within a round, so a machine that gets slower meanwhile slows both sides.
 */
export async function interleave({
  contestants: [baseline, ...others],
  effort: { rounds, batchMs, warmUpMs },
}: {
  readonly contestants: readonly [Contestant, ...Contestant[]];
  readonly effort: Effort;
}): Promise<ReadonlyArray<Taken>> {
  const counts = new Map<Contestant, number>();
  // Twice: what one contestant taught the compiler slows or speeds the others.
  for (const _pass of [1, 2])
    for (const contestant of [baseline, ...others])
      counts.set(contestant, await countFor({ contestant, batchMs, warmUpMs }));

  const time = async (contestant: Contestant) => {
    const count = counts.get(contestant) ?? 1;
    globalThis.gc?.({ type: 'minor' });
    const startedAt = process.hrtime.bigint();
    await contestant.run(count);
    return Number(process.hrtime.bigint() - startedAt) / count;
  };
  const samples = new Map([baseline, ...others].map(({ name }) => [name, new Samples()]));
  for (let round = 0; round < rounds; round++) {
    const before = await time(baseline);
    const times: Array<{ readonly name: string; readonly ns: number }> = [];
    for (const contestant of shuffled({ list: others, round }))
      times.push({ name: contestant.name, ns: await time(contestant) });
    const base = (before + (await time(baseline))) / 2;
    for (const { name, ns } of [{ name: baseline.name, ns: base }, ...times])
      samples.get(name)?.add(ns, base);
  }
  return [...samples].map(([name, own]) => own.summary(name));
}

class Samples {
  readonly #ns: number[] = [];
  readonly #ratios: number[] = [];
  readonly #added: number[] = [];

  add(ns: number, base: number): void {
    this.#ns.push(ns);
    this.#ratios.push(ns / base);
    this.#added.push(ns - base);
  }

  summary(name: string): Taken {
    return { name, ns: spreadOf(this.#ns), ratio: spreadOf(this.#ratios), addedNs: spreadOf(this.#added) };
  }
}

/** How many operations last about as long as a batch should; warms the contestant up on the way. */
async function countFor({
  contestant,
  batchMs,
  warmUpMs,
}: {
  readonly contestant: Contestant;
  readonly batchMs: number;
  readonly warmUpMs: number;
}): Promise<number> {
  const startedAt = performance.now();
  for (let count = 1; ; ) {
    const batchStartedAt = performance.now();
    await contestant.run(count);
    const now = performance.now();
    const tookMs = now - batchStartedAt;
    const wanted = Math.max(1, Math.round((count * batchMs) / Math.max(tookMs, 0.001)));
    if (now - startedAt >= warmUpMs && tookMs >= batchMs / 2) return wanted;
    count = Math.min(count * 8, Math.max(count + 1, wanted));
  }
}

export function spreadOf(values: ReadonlyArray<number>): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The same order in every run, another one in every round. */
function shuffled<T>({ list, round }: { readonly list: ReadonlyArray<T>; readonly round: number }): T[] {
  const mixed = [...list];
  let seed = round + 1;
  for (let index = mixed.length - 1; index > 0; index--) {
    seed = (seed * 48_271) % 2_147_483_647;
    const other = seed % (index + 1);
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}
