import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { wrapLanguageModel } from 'ai';
import { bare } from '../contestants.ts';
import { type Effort, interleave } from '../measure.ts';
import { instantModel, options, type Part, passThrough } from '../models.ts';
import { rowsOf, type Work } from '../table.ts';

type Ask = (options: LanguageModelV4CallOptions) => PromiseLike<LanguageModelV4GenerateResult>;

const model = instantModel({ modelId: 'a' });
const limitMs = 90_000;

/**
 * What the parts cost that no layer with limits and a report can do without, written out by hand and without any of the library:
 * each row does what the one above it does, and one thing more.
 */
export async function measureFloor(effort: Effort): Promise<ReadonlyArray<Work>> {
  const calls = await interleave({
    contestants: [
      calling({ name: 'the model alone', asked: bare.compose([model]) }),
      calling({ name: 'wrapped by the SDK', asked: wrapped(params => model.doGenerate(params)) }),
      calling({ name: 'and a signal of its own', asked: wrapped(withSignal) }),
      calling({ name: 'and a time limit', asked: wrapped(withLimit) }),
      calling({ name: 'and a wait that the limit ends', asked: wrapped(untilCut) }),
      calling({ name: 'and the result copied and stamped', asked: wrapped(stamped) }),
      calling({ name: 'and a report that is made when it is read', asked: wrapped(reported) }),
      calling({ name: 'and a loop over attempts, in functions of its own', asked: wrapped(inALoop) }),
    ],
    effort,
  });
  const streams: Work[] = [];
  for (const deltas of [10, 1_000]) {
    const source = instantModel({ modelId: 'a', deltas });
    const taken = await interleave({
      contestants: [
        piping({ name: 'the model alone', open: () => source.doStream(options) }),
        piping({
          name: 'handed on, a part a read',
          open: async () => handedOn(await source.doStream(options)),
        }),
        piping({
          name: 'and held until its first output',
          open: async () => held(await source.doStream(options)),
        }),
      ],
      effort,
    });
    const title = `Floor of a stream of ${deltas.toLocaleString('en')} deltas, piped as the SDK does`;
    const rows = rowsOf({ taken, figure: 'ratio' });
    streams.push({ id: `floor-${deltas}`, title, figure: 'ratio', unit: '', rows });
  }
  const rows = rowsOf({ taken: calls, figure: 'added' });
  const title = 'Floor of `doGenerate` on a model that answers at once';
  return [{ id: 'floor', title, figure: 'added', unit: 'µs', rows }, ...streams];
}

function calling({ name, asked }: { readonly name: string; readonly asked: LanguageModelV4 }) {
  const run = async (count: number) => {
    for (let index = 0; index < count; index++) await asked.doGenerate(options);
  };
  return { name, run };
}

function wrapped(ask: Ask): LanguageModelV4 {
  return wrapLanguageModel({
    model,
    middleware: { specificationVersion: 'v4', wrapGenerate: async ({ params }) => await ask(params) },
  });
}

const withSignal: Ask = async params =>
  await model.doGenerate({ ...params, abortSignal: new AbortController().signal });

const withLimit: Ask = async params => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  const result = await model.doGenerate({ ...params, abortSignal: controller.signal });
  clearTimeout(timer);
  return result;
};

const untilCut: Ask = async params => {
  const controller = new AbortController();
  let cut: (() => void) | undefined;
  const timer = setTimeout(() => cut?.(), limitMs);
  const result = await new Promise<LanguageModelV4GenerateResult>((resolve, reject) => {
    model.doGenerate({ ...params, abortSignal: controller.signal }).then(resolve, reject);
    cut = () => {
      reject(new Error('too late'));
      controller.abort();
    };
  });
  clearTimeout(timer);
  return result;
};

const stamped: Ask = async params => {
  const result = await untilCut(params);
  const content = result.content.map(part => ({
    ...part,
    providerMetadata: { ...part.providerMetadata, composite: { candidate: 'a' } },
  }));
  return { ...result, content, response: { ...result.response, modelId: 'a' } };
};

const shown = Symbol('shown');
const unread: PropertyDescriptor = { get: () => ({}), enumerable: true, configurable: true };

const reported: Ask = async params => {
  const startedAtMs = Date.now();
  const result = await stamped(params);
  const providerMetadata = { ...result.providerMetadata };
  Object.defineProperty(providerMetadata, shown, { value: () => startedAtMs, configurable: true });
  Object.defineProperty(providerMetadata, 'composite', unread);
  return { ...result, providerMetadata };
};

const inATurn: Ask = async params => {
  try {
    return await reported(params);
  } catch (error) {
    throw new Error('No answer.', { cause: error });
  } finally {
    Date.now();
  }
};

const inALoop: Ask = async params => {
  for (;;) {
    Date.now();
    const result = await inATurn(params);
    if (result.finishReason.unified !== 'error') return result;
  }
};

function piping({
  name,
  open,
}: {
  readonly name: string;
  readonly open: () => PromiseLike<LanguageModelV4StreamResult>;
}) {
  const run = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const { stream } = await open();
      const reader = stream.pipeThrough(passThrough()).getReader();
      while (!(await reader.read()).done);
    }
  };
  return { name, run };
}

function handedOn({ stream }: LanguageModelV4StreamResult): LanguageModelV4StreamResult {
  return { stream: over({ reader: stream.getReader(), first: [] }) };
}

async function held({ stream }: LanguageModelV4StreamResult): Promise<LanguageModelV4StreamResult> {
  const reader = stream.getReader();
  const first: Part[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    first.push(value);
    if (value.type === 'text-delta') break;
  }
  return { stream: over({ reader, first }) };
}

function over({
  reader,
  first,
}: {
  readonly reader: ReadableStreamDefaultReader<Part>;
  readonly first: readonly Part[];
}): ReadableStream<Part> {
  let out: ReadableStreamDefaultController<Part> | undefined;
  let at = 0;
  const onRead = ({ done, value }: ReadableStreamReadResult<Part>) => {
    if (done) out?.close();
    else out?.enqueue(value);
  };
  return new ReadableStream<Part>(
    {
      start: controller => {
        out = controller;
      },
      pull: controller => {
        const part = first[at];
        at += 1;
        if (part === undefined) reader.read().then(onRead, error => controller.error(error));
        else controller.enqueue(part);
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
