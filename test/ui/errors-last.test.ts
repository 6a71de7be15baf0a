import { errorsLast } from 'ai-composite/ui';
import { expect, test } from 'vitest';

function streamOf(types: ReadonlyArray<string>) {
  const state: { cancelled: unknown; pulls: number } = { cancelled: undefined, pulls: 0 };
  const stream = new ReadableStream<{ readonly type: string }>(
    {
      pull: controller => {
        const type = types[state.pulls];
        state.pulls += 1;
        if (type === undefined) controller.close();
        else controller.enqueue({ type });
      },
      cancel: reason => {
        state.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

test('sends errors behind everything else, in their order', async () => {
  const { stream } = streamOf(['start', 'error', 'message-metadata', 'error', 'finish']);
  const types: string[] = [];
  for await (const { type } of errorsLast(stream)) types.push(type);
  expect(types).toEqual(['start', 'message-metadata', 'finish', 'error', 'error']);
});

test('tells the source when its reader leaves', async () => {
  const { stream, state } = streamOf(['start', 'text', 'text', 'finish']);
  const reader = errorsLast(stream).getReader();
  await reader.read();
  await reader.cancel('gone');
  await expect.poll(() => state.cancelled).toBe('gone');
});

test('reads no more than its reader asks for, but for one', async () => {
  const { stream, state } = streamOf(Array(100).fill('text'));
  const reader = errorsLast(stream).getReader();
  await reader.read();
  await new Promise(resolve => setImmediate(resolve));
  expect(state.pulls).toBeLessThanOrEqual(3);
  await reader.cancel();
});
