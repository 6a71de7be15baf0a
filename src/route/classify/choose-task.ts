import * as z from 'zod/v4';
import { errorName } from '../../boundary/callback.ts';
import type { Clock } from '../../boundary/clock.ts';
import { lazily } from '../../boundary/lazily.ts';
import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { SharedNotes } from '../../state/shared/shared-notes.ts';
import type { ClassifierCall } from './classifier-call.ts';
import { type AdmitClassifier, createClassifyRequest } from './classify-request.ts';
import {
  type ChosenTask,
  type Classify,
  type ClassifyAnswer,
  type NamedTask,
  nameTask,
  useDefault,
} from './task.ts';

/** Everything a task is chosen by. */
export type TaskQuestion = NamedTask & {
  readonly classify: Classify | undefined;
  readonly classifyTimeoutMs: number;
  readonly clock: Clock;
  readonly options: LanguageModelV4CallOptions;
  readonly sessionId: string | undefined;
  /** What other processes know of conversations. */
  readonly notes: SharedNotes | undefined;
  readonly admit: AdmitClassifier | undefined;
  /** Estimates the tokens of the request's input; asked where a classifier wants to know. */
  readonly estimateInput: () => number;
};

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
  notes,
  admit,
  estimateInput,
}: TaskQuestion & { readonly classify: Classify }): Promise<ChosenTask> {
  try {
    const { task, asked, warnings } = await within({
      clock,
      limitMs: classifyTimeoutMs,
      signal: options.abortSignal,
      ask: async abortSignal =>
        readAnswer(
          await classify(
            createClassifyRequest({ options, sessionId, admit, abortSignal, notes, estimateInput }),
          ),
        ),
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
