import type { NamedModel } from '../candidate/model.ts';
import { createNotes } from '../state/notes.ts';
import { createAsk, type Question } from './ask-task.ts';
import type { ClassifierCall } from './classifier-call.ts';
import type { ClassifyRequest } from './classify-request.ts';
import type { ClassifyWithModelSettings } from './classify-with-model.ts';
import { conversationKey } from './conversation-key.ts';
import type { Classification, Classify } from './task.ts';

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
  const conversations = createConversations({ ask, tasks, maxEntries });

  return async request => {
    // After an abort no model is asked.
    request.abortSignal.throwIfAborted();
    const key = conversationKey(request);
    const known =
      key === undefined
        ? undefined
        : (conversations.remembered(key) ?? (await conversations.noted({ key, request })));
    if (known !== undefined) return known;
    const question = conversations.ask({ key, request });
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
        conversations.close({ key, question });
        question.cancel(reason);
      }
      const asked =
        aborted && !isLast ? undefined : question.takeCall({ outcome: aborted ? 'abort' : 'failure', error });
      return await fallBack({ request, fallback, asked });
    }
  };
}

/** What conversations are about, as far as somebody was asked, and the question that each of them waits for. */
function createConversations<TASK extends string>({
  ask,
  tasks,
  maxEntries,
}: {
  readonly ask: (request: ClassifyRequest) => Question<TASK>;
  readonly tasks: Readonly<Record<TASK, string>>;
  readonly maxEntries: number;
}) {
  const remembered = createNotes<TASK>({ maxEntries });
  const underWay = new Map<string, Question<TASK>>();
  type Asked = { readonly key: string | undefined; readonly request: ClassifyRequest };

  /** Also what is known already, so that the note that goes first is the one least recently used. */
  const remember = ({ key, task }: { readonly key: string; readonly task: TASK | undefined }) => {
    if (task !== undefined) remembered.write({ key, value: task });
    return task;
  };
  const close = ({
    key,
    question,
  }: {
    readonly key: string | undefined;
    readonly question: Question<TASK>;
  }) => {
    if (key !== undefined && underWay.get(key) === question) underWay.delete(key);
  };
  const open = ({ key, request }: Asked) => {
    const question = ask(request);
    if (key === undefined) return question;
    underWay.set(key, question);
    question.answer.then(
      task => {
        close({ key, question });
        remember({ key, task });
        request.notes?.write({ key: `task/${key}`, value: task });
      },
      () => close({ key, question }),
    );
    return question;
  };

  return {
    remembered: (key: string) => remember({ key, task: remembered.read(key) }),
    noted: async ({ key, request }: Asked & { readonly key: string }) =>
      request.notes === undefined
        ? undefined
        : remember({ key, task: await readNote({ key, tasks, request }) }),
    ask: ({ key, request }: Asked) =>
      (key === undefined ? undefined : underWay.get(key)) ?? open({ key, request }),
    close,
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
