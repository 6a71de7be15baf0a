import type { NamedModel } from '../candidate/model.ts';
import { createNotes } from '../state/notes.ts';
import { createAsk, type Question } from './ask-task.ts';
import type { ClassifyRequest } from './classify-request.ts';
import type { ClassifyWithModelSettings } from './classify-with-model.ts';
import { conversationKey } from './conversation-key.ts';
import type { Classification, ClassifierCall, Classify } from './task.ts';

/** Makes the classifier of a model that has its name; the settings were checked. */
export function createModelClassifier<TASK extends string, FALLBACK extends string>({
  named,
  settings,
}: {
  readonly named: NamedModel;
  readonly settings: ClassifyWithModelSettings<TASK, FALLBACK>;
}): Classify<TASK | FALLBACK> {
  const { tasks, fallback, maxEntries = 1_000 } = settings;
  const ask = createAsk({ named, tasks });
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
  readonly fallback: ClassifyWithModelSettings<string, TASK>['fallback'];
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
