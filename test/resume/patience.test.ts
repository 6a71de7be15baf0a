import { MockLanguageModelV4 } from 'ai/test';
import { createComposite } from 'ai-composite';
import { expect, test } from 'vitest';
import { markReopening } from '../../src/provider/reopening.ts';
import { createManualClock } from '../fallback/manual-clock.ts';

test('a stream whose connection is being opened anew is no stall, and is one again afterwards', async () => {
  const clock = createManualClock();
  let signal: AbortSignal | undefined;
  const model = new MockLanguageModelV4({
    doStream: async ({ abortSignal }) => {
      signal = abortSignal;
      return {
        stream: new ReadableStream({
          start: controller => {
            controller.enqueue({ type: 'text-start', id: '1' });
            controller.enqueue({ type: 'text-delta', id: '1', delta: 'The first half' });
          },
        }),
      };
    },
  });
  const ai = createComposite([model], { clock, timeout: { chunkMs: 1_000 } });
  const reader = (
    await ai.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] })
  ).stream.getReader();
  for (let part = await reader.read(); part.value?.type !== 'text-delta'; ) part = await reader.read();
  const next = reader.read();

  markReopening({ signal, isReopening: true });
  await clock.advance(60_000);
  expect(signal?.aborted).toBe(false);
  markReopening({ signal, isReopening: false });
  await clock.advance(1_250);
  expect((await next).value?.type).toBe('error');
});
