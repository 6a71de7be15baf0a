import * as z from 'zod';
import { check, strictOptions } from '../boundary/check.ts';
import { lazily } from '../boundary/lazily.ts';
import {
  isModel,
  isModelMaker,
  type MakeModel,
  type ModelInput,
  refuseModel,
} from '../candidate/model-input.ts';
import { createNotes } from '../state/notes.ts';
import { createAsk, type Question } from './ask-task.ts';
import type { ClassifyRequest } from './classify-request.ts';
import { conversationKey } from './conversation-key.ts';
import type { Classification, ClassifierCall, Classify } from './task.ts';

/** What `classifyWithModel` takes. */
export type ClassifyWithModelSettings<TASK extends string = string, FALLBACK extends string = never> = {
  /** What each task is for, in words that the model understands; two tasks or more. */
  readonly tasks: Readonly<Record<TASK, string>>;
  /** Rules for when the model gives no answer, such as `classifyByRules`; default: none, so the default task serves. */
  readonly fallback?: Rules<FALLBACK>;
  /** Conversations to remember, the most recent; default: 1,000. */
  readonly maxEntries?: number;
};

/** A classifier that answers by itself: what a second model costs would be lost. */
type Rules<TASK extends string> = (
  request: ClassifyRequest,
) => TASK | undefined | PromiseLike<TASK | undefined>;

const settingsSchema = lazily(() =>
  strictOptions({
    model: z.unknown(),
    tasks: z
      .record(z.string(), z.string({ error: 'must say in words what the task is for' }).min(1), {
        error: 'must say what each task is for, such as { code: "writing or fixing code" }',
      })
      .refine(tasks => Object.keys(tasks).length > 1, { error: 'must have two tasks to choose from' }),
    fallback: z
      .custom(value => typeof value === 'function', {
        error: 'must be a classifier, such as classifyByRules',
      })
      .optional(),
    maxEntries: z
      .int({ error: 'must be a whole number of conversations' })
      .min(1, { error: 'must be at least 1' })
      .optional(),
  }),
);

/**
 * Makes a classifier that asks a model, best a small one: one request with a structured answer and no retries, cut short at
 * `classifyTimeoutMs`. Its cost goes into the call's report.
 *
 * A conversation is asked about once: the answer is remembered by the user's first message, as a hash, and its `sessionId`, so
 * that an agent's steps and follow-ups keep their task. A failure is not remembered; `fallback` answers instead.
 *
 * Throws `InvalidArgumentError` on settings that cannot work.
 *
 * @example
 * const classify = classifyWithModel(openai('gpt-6-luna'), {
 *   tasks: { code: 'writing or fixing code', chat: 'everything else' },
 *   fallback: classifyByRules([{ task: 'code', tools: true }]),
 * });
 */
export function classifyWithModel<const TASK extends string, const FALLBACK extends string = never>(
  model: ModelInput | MakeModel,
  settings: ClassifyWithModelSettings<TASK, FALLBACK>,
): Classify<TASK | FALLBACK> {
  check({ schema: settingsSchema(), value: { model, ...settings }, path: [] });
  if (!isModel(model) && !isModelMaker(model)) refuseModel({ path: ['model'], value: model });
  const { tasks, fallback, maxEntries = 1_000 } = settings;
  const ask = createAsk({ model, tasks });
  const remembered = createNotes<TASK>({ maxEntries });
  const underWay = new Map<string, Question<TASK>>();

  const open = ({
    key,
    request,
  }: {
    readonly key: string | undefined;
    readonly request: ClassifyRequest;
  }) => {
    const question = ask(request);
    if (key === undefined) return question;
    underWay.set(key, question);
    const close = () => {
      if (underWay.get(key) === question) underWay.delete(key);
    };
    question.answer.then(task => {
      close();
      remembered.write({ key, value: task });
      request.notes?.write({ key: `task/${key}`, value: task });
    }, close);
    return question;
  };

  return async request => {
    // After an abort no model is asked.
    request.abortSignal.throwIfAborted();
    const key = conversationKey(request);
    const known = key === undefined ? undefined : remembered.read(key);
    if (key !== undefined && known !== undefined) {
      // Again, so that the note that goes first is the one least recently used.
      remembered.write({ key, value: known });
      return known;
    }
    const noted =
      key === undefined || request.notes === undefined ? undefined : await readNote({ key, tasks, request });
    if (key !== undefined && noted !== undefined) {
      remembered.write({ key, value: noted });
      return noted;
    }
    const question = (key === undefined ? undefined : underWay.get(key)) ?? open({ key, request });
    question.waiting += 1;
    try {
      const task = await untilAborted({ answer: question.answer, signal: request.abortSignal }).finally(
        () => {
          question.waiting -= 1;
        },
      );
      const asked = question.takeCall({ outcome: 'success' });
      return { task, ...(asked !== undefined && { asked }) };
    } catch (error) {
      const { aborted, reason } = request.abortSignal;
      // Others of the conversation may still wait for the answer; the last to leave closes the request.
      const isLast = question.waiting === 0;
      if (aborted && isLast) {
        if (key !== undefined && underWay.get(key) === question) underWay.delete(key);
        question.cancel(reason);
      }
      const asked =
        aborted && !isLast ? undefined : question.takeCall({ outcome: aborted ? 'abort' : 'failure', error });
      return await fallBack({ request, fallback, asked });
    }
  };
}

/** What another process has asked about the conversation; it may have had other tasks. */
async function readNote<TASK extends string>({
  key,
  tasks,
  request: { notes },
}: {
  readonly key: string;
  readonly tasks: Readonly<Record<TASK, string>>;
  readonly request: ClassifyRequest;
}): Promise<TASK | undefined> {
  const isTask = (name: string): name is TASK => Object.hasOwn(tasks, name);
  const noted = await notes?.read(`task/${key}`);
  return noted !== undefined && isTask(noted) ? noted : undefined;
}

/** The answer of the rules in place of the model's; what the request cost is kept in any case. */
async function fallBack<TASK extends string>({
  request,
  fallback,
  asked,
}: {
  readonly request: ClassifyRequest;
  readonly fallback: Rules<TASK> | undefined;
  readonly asked: ClassifierCall | undefined;
}): Promise<Classification<TASK>> {
  const failed = request.abortSignal.aborted
    ? 'The classifying model took too long'
    : 'The classifying model gave no usable answer';
  try {
    const task = await fallback?.(request);
    const next = task === undefined ? 'the default task serves' : 'the fallback of classify answered';
    return { task, warning: `${failed}; ${next}.`, ...(asked !== undefined && { asked }) };
  } catch {
    const warning = `${failed}, and the fallback of classify failed.`;
    return { task: undefined, warning, ...(asked !== undefined && { asked }) };
  }
}

/** The answer, or the signal's abort where that comes first: a provider may ignore the signal. */
function untilAborted<T>({
  answer,
  signal,
}: {
  readonly answer: Promise<T>;
  readonly signal: AbortSignal;
}): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
