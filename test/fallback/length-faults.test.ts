import { generateText, streamText } from 'ai';
import { createComposite, StreamInterruptedError } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, type FaultServer, fault, respond } from '../../src/testing/index.ts';
import { clients } from '../testing/clients.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const text = ['A', 'B', 'C', 'D'];

/** How much of such a body arrives before it breaks is up to the network; that it is never passed off as whole is not. */
for (const [name, by] of [
  ['more than is sent', 40],
  ['less than is sent', -40],
  ['far less than is sent', -400],
] as const) {
  describe(`a content-length of ${name}`, () => {
    for (const client of clients) {
      test(`${client.name}: a whole answer, the second candidate's, or a visible error`, async () => {
        const first = server.account(`length ${client.name} ${by}`);
        first.script([respond.answer({ text, faults: [fault.contentLength({ by })] })]);
        const second = server.account(`behind length ${client.name} ${by}`);
        second.script([respond.answer({ text: 'second' })]);
        const model = createComposite({
          tasks: { chat: [client.model(first.baseUrl), client.model(second.baseUrl)] },
          retry: { initialDelayMs: 1 },
          pricing: { catalog: false },
        });
        expect(['ABCD', 'second']).toContain((await generateText({ model, prompt: 'x' })).text);

        let streamed = '';
        const errors: unknown[] = [];
        const result = streamText({ model, prompt: 'x', onError: () => {} });
        for await (const part of result.fullStream) {
          if (part.type === 'text-delta') streamed += part.text;
          if (part.type === 'error') errors.push(part.error);
        }
        if (errors.length === 0) {
          expect(['ABCD', 'second']).toContain(streamed);
          expect(await result.finishReason).toBe('stop');
        } else {
          expect(errors.map(error => StreamInterruptedError.isInstance(error))).toEqual([true]);
          expect('ABCD'.startsWith(streamed)).toBe(true);
          expect(await result.finishReason).toBe('error');
        }
      });
    }
  });
}
