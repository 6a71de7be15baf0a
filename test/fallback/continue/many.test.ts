import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { compositeMetadata, createComposite } from 'ai-composite';
import { expect, test } from 'vitest';
import { call, collect, textOf } from '../../testing/call.ts';
import { createManualClock } from '../manual-clock.ts';
import { httpError, textParts } from '../scripted-model.ts';

const error = httpError({});

/** The text of a request's last message. */
function lastText({ prompt }: LanguageModelV4CallOptions): string {
  const content = prompt.at(-1)?.content;
  const part = typeof content === 'string' ? undefined : content?.at(-1);
  return part?.type === 'text' ? part.text : '';
}

/** A model that keeps nothing, so that whatever grows is the composite's. It breaks off where `breakAfter` says. */
function forgetful({
  id,
  textFor,
  breakAfter,
}: {
  readonly id: string;
  readonly textFor: (options: LanguageModelV4CallOptions) => readonly string[];
  readonly breakAfter?: number;
}): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'forgetful',
    modelId: id,
    supportedUrls: {},
    doGenerate: async () => {
      throw error;
    },
    doStream: async options => {
      const parts = textParts({ text: textFor(options) });
      let index = 0;
      return {
        stream: new ReadableStream<LanguageModelV4StreamPart>(
          {
            pull: async controller => {
              await new Promise(resolve => setImmediate(resolve));
              if (index === breakAfter) return controller.error(error);
              const part = parts[index++];
              if (part === undefined) controller.close();
              else controller.enqueue(part);
            },
          },
          { highWaterMark: 0 },
        ),
      };
    },
  };
}

const wordsFor = (name: string) => [
  `${name} once `,
  `upon ${name} `,
  `and ${name} `,
  `to the end of ${name}`,
];
const ask = (name: string) => call({ prompt: [{ role: 'user', content: [{ type: 'text', text: name }] }] });

function compose() {
  const clock = createManualClock();
  const first = forgetful({ id: 'first', textFor: options => wordsFor(lastText(options)), breakAfter: 4 });
  const same = forgetful({
    id: 'same',
    textFor: options => {
      const sent = lastText(options);
      const name = sent.split(' ', 1)[0] ?? '';
      const whole = wordsFor(name).join('');
      // A number is a request as it was, anything longer is a prefill.
      return sent === name ? [whole] : [whole.slice(sent.length)];
    },
  });
  const composeWith = (prefill: boolean) =>
    createComposite([first, { model: same, capabilities: { prefill } }], {
      recover: 'continue',
      clock,
      circuitBreaker: false,
      pricing: { catalog: false, onWarning: () => {} },
    });
  return { clock, prefilled: composeWith(true), restarted: composeWith(false) };
}

test('a thousand answers that break off at once stay apart', async () => {
  const { clock, prefilled, restarted } = compose();
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const model = index % 2 === 0 ? prefilled : restarted;
      return (await collect({ model, options: ask(`n${index}`) })).parts;
    }),
  );
  expect(answers.map(textOf)).toEqual(answers.map((_, index) => wordsFor(`n${index}`).join('')));
  const offsets = answers.map(parts => {
    const last = parts.at(-1);
    return last?.type === 'finish' ? compositeMetadata(last)?.recovered?.offset : undefined;
  });
  expect(offsets).toEqual(answers.map((_, index) => wordsFor(`n${index}`).slice(0, 2).join('').length));
  await clock.advance(5_000);
  expect(clock.pending()).toBe(0);
});

function heapUsed(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('needs --expose-gc');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

/** Node lets go of combined signals in finalizers, which need turns of the event loop. */
async function heapAfterFinalizers(): Promise<number> {
  for (let turn = 0; turn < 10; turn++) {
    heapUsed();
    await new Promise(resolve => setImmediate(resolve));
  }
  return heapUsed();
}

test('answers that changed hands leave nothing behind: no memory, no timer', async () => {
  const { clock, prefilled, restarted } = compose();
  const { signal } = new AbortController();
  const run = async (count: number) => {
    const one = async (index: number) => {
      const options = { ...ask(`n${index}`), abortSignal: signal };
      const { stream } = await (index % 2 === 0 ? prefilled : restarted).doStream(options);
      const reader = stream.getReader();
      // Every third is left: before the break, in the middle of it, behind it.
      for (let read = 0; index % 3 !== 0 || read < index % 9; read++) if ((await reader.read()).done) return;
      await reader.cancel();
    };
    for (let index = 0; index < count; index += 50)
      await Promise.all(Array.from({ length: 50 }, (_, lane) => one(index + lane)));
    await clock.advance(2_000);
  };
  await run(500);
  const before = await heapAfterFinalizers();
  await run(1_500);
  expect((await heapAfterFinalizers()) - before).toBeLessThan(500_000);
  expect(clock.pending()).toBe(0);
}, 60_000);
