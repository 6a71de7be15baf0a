import type { ClassifierCall } from './classifier-call.ts';
import type { ClassifyRequest } from './classify-request.ts';

/** Finds the task of a call; `undefined` leaves it to the default task. */
export type Classify<TASK extends string = string> = (
  request: ClassifyRequest,
) => ClassifyAnswer<TASK> | PromiseLike<ClassifyAnswer<TASK>>;

/** A classifier's answer: a task, or a task with more to say about how it was found. */
export type ClassifyAnswer<TASK extends string = string> = TASK | undefined | Classification<TASK>;

/** A task, and what finding it took. */
export type Classification<TASK extends string = string> = {
  /** `undefined` leaves it to the default task. */
  readonly task: TASK | undefined;
  /** The request that was made to find it; its cost belongs to the call. Absent where the answer was remembered. */
  readonly asked?: ClassifierCall;
  /** Goes with the result's warnings. */
  readonly warning?: string;
};

/** The task of a call, how it was found, and what is worth a warning. */
export type ChosenTask = {
  readonly task: string;
  readonly source: 'pinned' | 'provider-options' | 'classify' | 'default';
  readonly warning?: string;
  /** The request to a classifying model, if one was made for this call. */
  readonly asked?: ClassifierCall;
};

/** What a task is chosen by where nobody is asked. */
export type NamedTask = {
  readonly pinned: string | undefined;
  readonly named: string | undefined;
  readonly tasks: ReadonlyMap<string, unknown>;
  readonly defaultTask: string;
};

/** Chooses the task without asking anybody. */
export function nameTask({ pinned, named, tasks, defaultTask }: NamedTask): ChosenTask {
  if (pinned !== undefined) return { task: pinned, source: 'pinned' };
  if (named === undefined) return { task: defaultTask, source: 'default' };
  if (tasks.has(named)) return { task: named, source: 'provider-options' };
  const problem = `There is no task "${named}"; tasks are ${[...tasks.keys()].join(', ')}`;
  return useDefault({ defaultTask, problem });
}

/** The default task, with the warning why. */
export function useDefault({
  defaultTask,
  problem,
}: {
  readonly defaultTask: string;
  readonly problem: string;
}): ChosenTask {
  const warning = `${problem}; used the default task "${defaultTask}".`;
  return { task: defaultTask, source: 'default', warning };
}
