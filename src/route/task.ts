import * as z from 'zod';
import { errorName } from '../boundary/callback.ts';
import type { Clock } from '../boundary/clock.ts';
import { lazily } from '../boundary/lazily.ts';
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '../provider/sdk-types.ts';
import { type ClassifyRequest, createClassifyRequest } from './classify-request.ts';

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

/** One request to a classifying model: what pricing needs to know of it. */
export type ClassifierCall = {
  readonly provider: string;
  readonly modelId: string;
  readonly callOptions: LanguageModelV4CallOptions;
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly usage?: LanguageModelV4Usage;
  readonly providerMetadata?: SharedV4ProviderMetadata;
  readonly responseModelId?: string;
  readonly responseBody?: unknown;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly error?: unknown;
};

/** The task of a call, how it was found, and what is worth a warning. */
export type ChosenTask = {
  readonly task: string;
  readonly source: 'pinned' | 'provider-options' | 'classify' | 'default';
  readonly warning?: string;
  /** The request to a classifying model, if one was made for this call. */
  readonly asked?: ClassifierCall;
};

/** Everything a task is chosen by. */
export type TaskQuestion = {
  readonly pinned: string | undefined;
  readonly named: string | undefined;
  readonly tasks: ReadonlyMap<string, unknown>;
  readonly defaultTask: string;
  readonly classify: Classify | undefined;
  readonly classifyTimeoutMs: number;
  readonly clock: Clock;
  readonly options: LanguageModelV4CallOptions;
  readonly sessionId: string | undefined;
  /** Estimates the tokens of the request's input; asked where a classifier wants to know. */
  readonly estimateInput: () => number;
};

/** What a task is chosen by where nobody is asked. */
type NamedTask = Pick<TaskQuestion, 'pinned' | 'named' | 'tasks' | 'defaultTask'>;

/**
 * Chooses the task: pinned by `ai('code')`, named in `providerOptions.composite.task`, found by `classify`, else the default.
 * An unknown name, or a classifier that fails or takes too long, means the default task with a warning: routing never
 * fails a call. Answers without a promise where no classifier has to be asked.
 */
export function chooseTask(question: TaskQuestion): ChosenTask | Promise<ChosenTask> {
  const { pinned, named, classify, options } = question;
  // After an abort no model is asked, a classifying one neither; the first attempt looks at the signal.
  if (pinned !== undefined || named !== undefined || classify === undefined || isAborted(options))
    return nameTask(question);
  return askClassifier({ ...question, classify });
}

/** Chooses the task without asking anybody. */
export function nameTask({ pinned, named, tasks, defaultTask }: NamedTask): ChosenTask {
  if (pinned !== undefined) return { task: pinned, source: 'pinned' };
  if (named === undefined) return { task: defaultTask, source: 'default' };
  if (tasks.has(named)) return { task: named, source: 'provider-options' };
  const problem = `There is no task "${named}"; tasks are ${[...tasks.keys()].join(', ')}`;
  return useDefault({ defaultTask, problem });
}

function useDefault({
  defaultTask,
  problem,
}: {
  readonly defaultTask: string;
  readonly problem: string;
}): ChosenTask {
  const warning = `${problem}; used the default task "${defaultTask}".`;
  return { task: defaultTask, source: 'default', warning };
}

function isAborted({ abortSignal }: LanguageModelV4CallOptions): boolean {
  return abortSignal?.aborted === true;
}

async function askClassifier({
  tasks,
  defaultTask,
  classify,
  classifyTimeoutMs,
  clock,
  options,
  sessionId,
  estimateInput,
}: TaskQuestion & { readonly classify: Classify }): Promise<ChosenTask> {
  try {
    const { task, asked, warnings } = await within({
      clock,
      limitMs: classifyTimeoutMs,
      signal: options.abortSignal,
      ask: async abortSignal =>
        readAnswer(await classify(createClassifyRequest({ options, sessionId, abortSignal, estimateInput }))),
    });
    const kept = asked === undefined ? undefined : { asked };
    // No answer is missed after an abort: nothing is asked.
    if (isAborted(options)) return { task: defaultTask, source: 'default', ...kept };
    const chosen = readTask({ task, tasks, defaultTask });
    const told = [...warnings, chosen.warning].filter(text => typeof text === 'string');
    return { ...chosen, ...kept, ...(told.length > 0 && { warning: told.join(' ') }) };
  } catch (error) {
    if (isAborted(options)) return { task: defaultTask, source: 'default' };
    const problem =
      error === tookTooLong
        ? `The classifier took longer than ${classifyTimeoutMs} ms`
        : `The classifier failed (${errorName(error)})`;
    return useDefault({ defaultTask, problem });
  }
}

/** The task that a classifier answered, which may be anything. */
function readTask({
  task,
  tasks,
  defaultTask,
}: Pick<TaskQuestion, 'tasks' | 'defaultTask'> & { readonly task: unknown }): ChosenTask {
  if (task === undefined) return { task: defaultTask, source: 'default' };
  if (typeof task === 'string' && tasks.has(task)) return { task, source: 'classify' };
  return useDefault({ defaultTask, problem: `The classifier answered ${show(task)}, which is no task` });
}

/** What pricing reads without looking; the rest of a request may be anything. */
const askedSchema = lazily(() =>
  z.looseObject({
    provider: z.string(),
    modelId: z.string(),
    callOptions: z.looseObject({ prompt: z.array(z.unknown()), tools: z.array(z.unknown()).optional() }),
    outcome: z.enum(['success', 'failure', 'abort']),
    responseModelId: z.string().optional(),
  }),
);

/** An answer as it comes at run time: a user's function may break its type, which must not fail the call. */
function readAnswer(answer: ClassifyAnswer): {
  readonly task: unknown;
  readonly asked?: ClassifierCall;
  readonly warnings: ReadonlyArray<unknown>;
} {
  const isClassification = typeof answer === 'object' && answer !== null && 'task' in answer;
  if (!isClassification) return { task: answer, warnings: [] };
  const { task, asked, warning } = answer;
  if (asked === undefined) return { task, warnings: [warning] };
  return askedSchema().safeParse(asked).success
    ? { task, asked, warnings: [warning] }
    : { task, warnings: [warning, "The classifier's own request cannot be read, so its cost is not known."] };
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : value === null
      ? 'null'
      : `a value of type ${typeof value}`;
}

/** Why the signal aborts when the time runs out. */
const tookTooLong = new DOMException('classifyTimeoutMs ran out', 'TimeoutError');

/** Asks with a limit. The caller's abort ends the wait too; it is no answer, and the first attempt looks at the signal. */
function within<T>({
  clock,
  limitMs,
  signal,
  ask,
}: {
  readonly clock: Clock;
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly ask: (abortSignal: AbortSignal) => Promise<T>;
}): Promise<T> {
  const asking = new AbortController();
  const onAbort = () => asking.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancelLimit = clock.schedule({
    delayMs: limitMs,
    callback: () => asking.abort(tookTooLong),
  });
  const ended = new Promise<never>((_resolve, reject) => {
    asking.signal.addEventListener('abort', () => afterAnswers().then(() => reject(asking.signal.reason)), {
      once: true,
    });
  });
  return Promise.race([ask(asking.signal), ended]).finally(() => {
    signal?.removeEventListener('abort', onAbort);
    cancelLimit();
  });
}

/**
 * Waits for what is ready, and for no time: a classifier that heeds the signal can still answer from its rules, and say what
 * its request cost. One that does not is not waited for.
 */
async function afterAnswers(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
}
