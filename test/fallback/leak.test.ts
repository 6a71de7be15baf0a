import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { call } from '../testing/call.ts';
import { createManualClock } from './manual-clock.ts';
import { httpError, textParts, usageOf } from './scripted-model.ts';

/** A model that keeps nothing, so that whatever grows is the composite's. */
function forgetful({ id, fails }: { readonly id: string; readonly fails: () => boolean }): LanguageModelV4 {
  const parts = textParts({ text: ['a', 'b'] });
  const error = httpError({ statusCode: 400 });
  return {
    specificationVersion: 'v4',
    provider: 'forgetful',
    modelId: id,
    supportedUrls: {},
    doGenerate: async () => {
      if (fails()) throw error;
      return {
        content: [{ type: 'text', text: 'ab' }],
        finishReason: { unified: 'stop', raw: 'stop' },
        usage: usageOf(1, 2),
        warnings: [],
      };
    },
    doStream: async () => {
      if (fails()) throw error;
      let index = 0;
      return {
        stream: new ReadableStream(
          {
            pull: controller => {
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

describe('a hundred thousand calls', () => {
  test('leave nothing behind: no memory, no timer, no listener', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      listeners += 1;
      add(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...parameters);
    };

    let request = 0;
    const flapping = forgetful({ id: 'flapping', fails: () => request++ % 3 === 0 });
    const broken = forgetful({ id: 'broken', fails: () => true });
    const model = createComposite({
      tasks: { chat: [flapping, forgetful({ id: 'steady', fails: () => false })], broken: [broken] },
      clock,
      pricing: { catalog: false },
    });
    const options = call({ abortSignal: signal });

    const oneOfEach = async (index: number) => {
      switch (index % 5) {
        case 0:
        case 1:
          await model.doGenerate(options);
          return;
        case 2: {
          const { stream } = await model.doStream(options);
          const reader = stream.getReader();
          while (!(await reader.read()).done);
          return;
        }
        case 3: {
          const { stream } = await model.doStream(options);
          const reader = stream.getReader();
          await reader.read();
          await reader.cancel();
          return;
        }
        default:
          await model('broken')
            .doGenerate(options)
            .then(undefined, () => undefined);
      }
    };
    const run = async (count: number) => {
      for (let index = 0; index < count; index++) await oneOfEach(index);
    };

    await run(5_000);
    const before = heapUsed();
    await run(95_000);
    const grownBytes = heapUsed() - before;
    // Less than 20 bytes a call; one forgotten listener or closure is a hundred and more.
    expect(grownBytes).toBeLessThan(2_000_000);
    expect(listeners).toBe(0);
    await clock.advance(5_000);
    expect(clock.pending()).toBe(0);
  }, 60_000);

  test('with a hedge leave nothing behind either', async () => {
    const clock = createManualClock();
    const { signal } = new AbortController();
    const model = createComposite({
      tasks: {
        chat: {
          candidates: [
            forgetful({ id: 'one', fails: () => false }),
            forgetful({ id: 'two', fails: () => false }),
          ],
          hedge: { afterMs: 1_000 },
        },
      },
      clock,
      pricing: { catalog: false },
    });
    const options = call({ abortSignal: signal });
    const run = async (count: number) => {
      for (let index = 0; index < count; index++) await model.doGenerate(options);
    };
    await run(3_000);
    const before = await heapAfterFinalizers();
    await run(15_000);
    expect((await heapAfterFinalizers()) - before).toBeLessThan(2_000_000);
    expect(clock.pending()).toBe(0);
  }, 60_000);

  test('attempts that never settle hold nothing of calls that are over', async () => {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error('needs --expose-gc');
    const clock = createManualClock();
    const released: WeakRef<object>[] = [];
    const silent: LanguageModelV4 = {
      ...forgetful({ id: 'silent', fails: () => false }),
      doGenerate: () => new Promise(() => {}),
    };
    const model = createComposite({
      tasks: { chat: [silent, forgetful({ id: 'steady', fails: () => false })] },
      clock,
      timeout: { attemptMs: 1_000 },
      circuitBreaker: { failureThreshold: 1_000 },
      pricing: { catalog: false },
    });
    for (let index = 0; index < 100; index++) {
      const options = call();
      released.push(new WeakRef(options));
      const result = model.doGenerate(options);
      await clock.advance(1_000);
      await result;
    }
    // When an object goes is the collector's choice, so it gets some turns, and the last calls may still be in its
    // registers; what a call holds for good would be here a hundred times.
    const alive = () => released.filter(reference => reference.deref() !== undefined).length;
    let left = released.length;
    for (let turn = 0; turn < 100 && left > 3; turn++) {
      // Looking at a reference keeps its object until the turn is over.
      await new Promise(resolve => setImmediate(resolve));
      gc();
      left = alive();
    }
    expect(left).toBeLessThanOrEqual(3);
    expect(clock.pending()).toBe(0);
  });
});
