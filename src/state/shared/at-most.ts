import type { Clock } from '../../boundary/clock.ts';

/** Waits for what answers, or for so long; undefined then. What comes later comes to nobody. */
export function atMost<VALUE>({
  answer,
  limitMs,
  clock,
}: {
  readonly answer: PromiseLike<VALUE>;
  readonly limitMs: number;
  readonly clock: Clock;
}): Promise<VALUE | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule({ delayMs: limitMs, callback: () => resolve(undefined) });
    answer.then(
      value => {
        cancel();
        resolve(value);
      },
      error => {
        cancel();
        reject(error);
      },
    );
  });
}
