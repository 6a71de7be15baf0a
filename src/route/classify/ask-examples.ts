import { cosineSimilarity, type EmbeddingModel, embedMany } from 'ai';
import type { EmbeddingModelLike } from './classifier-settings.ts';
import type { ClassifyRequest } from './classify-request.ts';
import { createQuestion, type Question, textOnly, unasked, usageOf } from './question.ts';

/** What is embedded of a text: enough to tell a task by, and below what embedding models take. */
const longestText = 4_000;

type Example<TASK> = { readonly task: TASK; readonly embedding: ReadonlyArray<number> };

/** Compares what the user wrote first with the examples; it is not sure where none is near. */
export function createExamplesAsk<TASK extends string>({
  model,
  tasks,
  minSimilarity,
}: {
  readonly model: EmbeddingModelLike;
  readonly tasks: Readonly<Record<TASK, ReadonlyArray<string>>>;
  readonly minSimilarity: number;
}): (request: ClassifyRequest) => Question<TASK> {
  const examples = createExamples({ model, tasks });
  return request => {
    const text = request.userTexts[0]?.slice(0, longestText) ?? '';
    if (text === '') return unasked();
    return createQuestion({
      model,
      request,
      send: async ({ signal, admit, see }) => {
        // An embedding has no output, and a limit is at least 1.
        await admit(textOnly({ text: [...examples.missing(), text].join('\n'), longestOutput: 1 }));
        // What was embedded is paid for, also where the other one fails.
        const [known, asked] = await Promise.allSettled([
          examples.all(),
          embed({ model, values: [text], signal }),
        ]);
        const own = asked.status === 'fulfilled' ? asked.value.tokens : 0;
        const inputTokens = own + examples.takeTokens();
        if (inputTokens > 0) see({ usage: usageOf({ inputTokens, outputTokens: 0 }) });
        if (known.status === 'rejected') throw known.reason;
        if (asked.status === 'rejected') throw asked.reason;
        const [embedding] = asked.value.embeddings;
        return embedding === undefined
          ? undefined
          : nearest({ own: embedding, examples: known.value, minSimilarity });
      },
    });
  };
}

/** The examples' embeddings, asked for once; a failure is asked again with the next call. */
function createExamples<TASK extends string>({
  model,
  tasks,
}: {
  readonly model: EmbeddingModelLike;
  readonly tasks: Readonly<Record<TASK, ReadonlyArray<string>>>;
}) {
  const names = Object.keys(tasks) as TASK[]; // the settings' keys are the tasks
  const values = names.flatMap(task => tasks[task].map(text => ({ task, text: text.slice(0, longestText) })));
  let untakenTokens = 0;
  let all: Promise<ReadonlyArray<Example<TASK>>> | undefined;

  const load = async () => {
    // No signal: who asked first may leave, and others wait for the same.
    const { embeddings, tokens } = await embed({ model, values: values.map(({ text }) => text) });
    untakenTokens = tokens;
    return embeddings.flatMap((embedding, index) => {
      const task = values[index]?.task;
      return task === undefined ? [] : [{ task, embedding }];
    });
  };
  return {
    /** The examples that are still to be embedded. */
    missing: () => (all === undefined ? values.map(({ text }) => text) : []),
    all: () => {
      all ??= load().catch((error: unknown) => {
        all = undefined;
        throw error;
      });
      return all;
    },
    /** What they cost is booked with the first call that is answered by them. */
    takeTokens: () => {
      const tokens = untakenTokens;
      untakenTokens = 0;
      return tokens;
    },
  };
}

async function embed({
  model,
  values,
  signal,
}: {
  readonly model: EmbeddingModelLike;
  readonly values: ReadonlyArray<string>;
  readonly signal?: AbortSignal;
}): Promise<{ readonly embeddings: ReadonlyArray<ReadonlyArray<number>>; readonly tokens: number }> {
  const { embeddings, usage } = await embedMany({
    // Taken by its shape; the SDK checks the rest.
    model: model as unknown as EmbeddingModel,
    values: [...values],
    maxRetries: 0,
    ...(signal !== undefined && { abortSignal: signal }),
  });
  return { embeddings, tokens: Number.isFinite(usage.tokens) ? usage.tokens : 0 };
}

/** The task of the nearest example; of equally near ones, of the one written first. */
function nearest<TASK extends string>({
  own,
  examples,
  minSimilarity,
}: {
  readonly own: ReadonlyArray<number>;
  readonly examples: ReadonlyArray<Example<TASK>>;
  readonly minSimilarity: number;
}): TASK | undefined {
  let best: { readonly task: TASK; readonly similarity: number } | undefined;
  for (const { task, embedding } of examples) {
    const similarity = cosineSimilarity([...own], [...embedding]);
    if (similarity >= (best?.similarity ?? minSimilarity) && similarity !== best?.similarity)
      best = { task, similarity };
  }
  return best?.task;
}
