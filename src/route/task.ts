import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { type Clock, delay } from '../clock.ts';

/** What a classifier sees of a call. */
export type ClassifyRequest = LanguageModelV4CallOptions;

/** Finds the task of a call; `undefined` leaves it to the default task. */
export type Classify<TASK extends string = string> = (
  request: ClassifyRequest,
) => TASK | undefined | PromiseLike<TASK | undefined>;

/** The task of a call, how it was found, and what is worth a warning. */
export type ChosenTask = {
  readonly task: string;
  readonly source: 'pinned' | 'provider-options' | 'classify' | 'default';
  readonly warning?: string;
};

/**
 * Chooses the task: pinned by `ai('code')`, named in `providerOptions.composite.task`, found by `classify`, else the default.
 * An unknown name, or a classifier that fails or takes too long, means the default task with a warning: routing never
 * fails a call. Answers without a promise where no classifier has to be asked.
 */
export function chooseTask({
  pinned,
  named,
  tasks,
  defaultTask,
  classify,
  classifyTimeoutMs,
  clock,
  options,
}: {
  readonly pinned: string | undefined;
  readonly named: string | undefined;
  readonly tasks: ReadonlyMap<string, unknown>;
  readonly defaultTask: string;
  readonly classify: Classify | undefined;
  readonly classifyTimeoutMs: number;
  readonly clock: Clock;
  readonly options: LanguageModelV4CallOptions;
}): ChosenTask | Promise<ChosenTask> {
  const fallBack = (warning: string): ChosenTask => ({
    task: defaultTask,
    source: 'default',
    warning: `${warning}; used the default task "${defaultTask}".`,
  });

  if (pinned !== undefined) return { task: pinned, source: 'pinned' };
  if (named !== undefined) {
    return tasks.has(named)
      ? { task: named, source: 'provider-options' }
      : fallBack(`There is no task "${named}"; tasks are ${[...tasks.keys()].join(', ')}`);
  }
  if (classify === undefined) return { task: defaultTask, source: 'default' };

  return within({
    clock,
    limitMs: classifyTimeoutMs,
    signal: options.abortSignal,
    ask: async () => classify(options),
  }).then(
    (found): ChosenTask => {
      if (found === undefined) return { task: defaultTask, source: 'default' };
      return tasks.has(found)
        ? { task: found, source: 'classify' }
        : fallBack(`The classifier answered ${JSON.stringify(found)}, which is no task`);
    },
    () => fallBack(`The classifier failed or took longer than ${classifyTimeoutMs} ms`),
  );
}

/** The caller's abort ends the wait too; it is no answer, and the first attempt looks at the signal. */
function within<T>({
  clock,
  limitMs,
  signal,
  ask,
}: {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly ask: () => Promise<T>;
}): Promise<T> {
  const waiting = new AbortController();
  const limit = delay({ clock, delayMs: limitMs, signal: waiting.signal }).then(() =>
    Promise.reject(new Error('classifyTimeoutMs ran out')),
  );
  const onAbort = () => waiting.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return Promise.race([ask(), limit]).finally(() => {
    signal?.removeEventListener('abort', onAbort);
    waiting.abort();
  });
}
