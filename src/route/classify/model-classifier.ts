import type { NamedModel } from '../../candidate/model.ts';
import { createNotes } from '../../state/conversations/notes.ts';
import { createDecisionAsk } from './ask-decision.ts';
import { createExamplesAsk } from './ask-examples.ts';
import { createAsk } from './ask-task.ts';
import type { ClassifierCall } from './classifier-call.ts';
import {
  type ClassifyByExamplesSettings,
  type ClassifyWithDecisionSettings,
  type ClassifyWithModelSettings,
  type DecisionModelLike,
  type EmbeddingModelLike,
  rulesOf,
} from './classifier-settings.ts';
import type { ClassifyRequest } from './classify-request.ts';
import { conversationKey } from './conversation-key.ts';
import type { Question } from './question.ts';
import type { Classification, Classify } from './task.ts';

/** Makes the classifier of a model that has its name; the settings were checked. */
export function createModelClassifier<TASK extends string, FALLBACK extends string>({
  named,
  settings: { tasks, ...settings },
}: {
  readonly named: NamedModel;
  readonly settings: ClassifyWithModelSettings<TASK, FALLBACK>;
}): Classify<TASK | FALLBACK> {
  return createAskingClassifier({
    ...settings,
    maxEntries: settings.maxEntries,
    tasks,
    ask: createAsk({ named, tasks }),
  });
}

/** Makes the classifier of a decision model; the settings were checked. */
export function createDecisionClassifier<TASK extends string, OTHERWISE extends string>({
  model,
  settings: { tasks, minProbability = 0.5, otherwise, maxEntries },
}: {
  readonly model: DecisionModelLike;
  readonly settings: ClassifyWithDecisionSettings<TASK, OTHERWISE>;
}): Classify<TASK | OTHERWISE> {
  const fallback = rulesOf(otherwise);
  const ask = createDecisionAsk({ model, tasks, minProbability });
  return createAskingClassifier({ ask, tasks, maxEntries, ...(fallback !== undefined && { fallback }) });
}

/** Makes the classifier that compares with examples; the settings were checked. */
export function createExamplesClassifier<TASK extends string, OTHERWISE extends string>({
  model,
  settings: { tasks, minSimilarity = 0.3, otherwise, maxEntries },
}: {
  readonly model: EmbeddingModelLike;
  readonly settings: ClassifyByExamplesSettings<TASK, OTHERWISE>;
}): Classify<TASK | OTHERWISE> {
  const fallback = rulesOf(otherwise);
  const ask = createExamplesAsk({ model, tasks, minSimilarity });
  return createAskingClassifier({ ask, tasks, maxEntries, ...(fallback !== undefined && { fallback }) });
}

/** What a classifier needs that asks somebody. */
export type AskingSettings<TASK extends string, FALLBACK extends string> = {
  /** Asks about one conversation; an answer of `undefined` is none, and no failure. */
  readonly ask: (request: ClassifyRequest) => Question<TASK>;
  readonly tasks: Readonly<Record<TASK, unknown>>;
  readonly fallback?: ClassifyWithModelSettings<string, FALLBACK>['fallback'];
  readonly maxEntries: number | undefined;
};

/** Makes a classifier that asks once a conversation, and remembers the answer. */
export function createAskingClassifier<TASK extends string, FALLBACK extends string>({
  ask,
  tasks,
  fallback,
  maxEntries = 1_000,
}: AskingSettings<TASK, FALLBACK>): Classify<TASK | FALLBACK> {
  const conversations = createConversations({ ask, tasks, maxEntries });

  return async request => {
    // After an abort no model is asked.
    request.abortSignal.throwIfAborted();
    const key = conversationKey(request);
    const known =
      key === undefined
        ? undefined
        : (conversations.remembered(key) ?? (await conversations.noted({ key, request })));
    if (known !== undefined) return known.task ?? fallback?.(request);
    const question = conversations.ask({ key, request });
    question.waiting += 1;
    try {
      const task = await untilAborted({ answer: question.answer, signal: request.abortSignal }).finally(
        () => {
          question.waiting -= 1;
        },
      );
      const asked = question.takeCall({ outcome: 'success' });
      const own = task ?? (await abstained({ request, fallback }));
      return { task: own, ...(asked !== undefined && { asked }) };
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

/** The answer of the rules where nobody was sure; rules that fail leave it to the default task. */
async function abstained<TASK extends string>({
  request,
  fallback,
}: {
  readonly request: ClassifyRequest;
  readonly fallback: AskingSettings<string, TASK>['fallback'];
}): Promise<TASK | undefined> {
  try {
    return await fallback?.(request);
  } catch {
    return undefined;
  }
}

/**
 * What conversations are about, as far as somebody was asked, and the question that each of them waits for. Nobody's being
 * sure is remembered too, as an empty note.
 */
function createConversations<TASK extends string>({
  ask,
  tasks,
  maxEntries,
}: {
  readonly ask: (request: ClassifyRequest) => Question<TASK>;
  readonly tasks: Readonly<Record<TASK, unknown>>;
  readonly maxEntries: number;
}) {
  const remembered = createNotes<TASK | ''>({ maxEntries });
  const underWay = new Map<string, Question<TASK>>();
  type Asked = { readonly key: string | undefined; readonly request: ClassifyRequest };

  /** Also what is known already, so that the note that goes first is the one least recently used. */
  const remember = ({ key, note }: { readonly key: string; readonly note: TASK | '' | undefined }) => {
    if (note === undefined) return undefined;
    remembered.write({ key, value: note });
    return { task: note === '' ? undefined : note };
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
        remember({ key, note: task ?? '' });
        if (task !== undefined) request.notes?.write({ key: `task/${key}`, value: task });
      },
      () => close({ key, question }),
    );
    return question;
  };

  return {
    remembered: (key: string) => remember({ key, note: remembered.read(key) }),
    noted: async ({ key, request }: Asked & { readonly key: string }) =>
      request.notes === undefined
        ? undefined
        : remember({ key, note: await readNote({ key, tasks, request }) }),
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
  readonly tasks: Readonly<Record<TASK, unknown>>;
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
