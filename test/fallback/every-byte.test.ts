import { generateText, streamText } from 'ai';
import { compositeCost, compositeMetadata, createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFaultServer,
  type Fault,
  type FaultServer,
  respond,
  type WireStep,
} from '../../src/testing/index.ts';
import { type Client, clients } from '../testing/clients.ts';
import { settle } from './manual-clock.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

/** `EVERY_BYTE=1` (npm run test:bytes) cuts the answers at each of their bytes, which takes minutes; else at some of them. */
const isEvery = process.env.EVERY_BYTE !== undefined;
const everyStep = { cut: 1, end: 5 };
const everyMs = 600_000;

const firstText = ['One ', 'two.'];
const secondText = ['Three ', 'four ', 'five.'];
const price = { inputTokens: 1, outputTokens: 2 };

/** An answer as it travels, of which a prefix arrives. */
type Recorded = { readonly bytes: Uint8Array<ArrayBuffer>; readonly init: ResponseInit };

/** Asks the server once, and keeps what came. */
async function record({
  client,
  text,
}: {
  readonly client: Client;
  readonly text: readonly string[];
}): Promise<Recorded> {
  const account = server.account(`bytes ${client.name} ${text.length}`);
  account.script([respond.answer({ text })]);
  let recorded: Recorded | undefined;
  const keep: typeof fetch = async (input, options) => {
    const { status, headers, body } = await fetch(input, options);
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    recorded = { bytes, init: { status, headers } };
    return new Response(bytes, recorded.init);
  };
  expect(await streamText({ model: client.model(account.baseUrl, { fetch: keep }), prompt: 'Hi' }).text).toBe(
    text.join(''),
  );
  if (recorded === undefined) throw new Error('Nothing was recorded.');
  return recorded;
}

/** Plays a prefix of an answer; then the connection breaks, or ends as if all were well. */
function play(
  { bytes, init }: Recorded,
  { length, ending }: { readonly length: number; readonly ending: 'cut' | 'end' },
): Response {
  let isSent = length === 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull: async controller => {
        // Packages drop what is queued when a connection breaks; what came before was seen by then.
        if (isSent && ending === 'cut') await settle();
        if (!isSent) {
          isSent = true;
          controller.enqueue(bytes.subarray(0, length));
        } else if (ending === 'cut') controller.error(new TypeError('terminated'));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, init);
}

for (const client of clients) {
  describe(`${client.name}, broken at the bytes of an answer`, () => {
    test.each(['cut', 'end'] as const)(
      'repeated with streamRetries it is one whole answer: %s',
      async ending => {
        const [first, second] = [
          await record({ client, text: firstText }),
          await record({ client, text: secondText }),
        ];
        let length = 0;
        const model = createComposite(
          [
            {
              model: client.model('http://127.0.0.1/first', {
                fetch: async () => play(first, { length, ending }),
              }),
              name: 'first',
              price,
            },
            {
              model: client.model('http://127.0.0.1/second', {
                fetch: async () => new Response(second.bytes, second.init),
              }),
              name: 'second',
              price,
            },
          ],
          { attempts: 1, circuitBreaker: false, retryBudget: false, pricing: { catalog: false } },
        );
        const seen = new Set<string>();
        const step = isEvery ? everyStep[ending] : Math.ceil(first.bytes.length / 40);
        for (length = 0; length < first.bytes.length + step; length += step) {
          const result = streamText({ model, prompt: 'Hi', streamRetries: 1, onError: () => {} });
          const text = await result.text;
          const report = compositeMetadata({ steps: await result.steps });
          const served = report?.candidate === 'first' ? firstText : secondText;
          expect([length, text, await result.finishReason]).toEqual([length, served.join(''), 'stop']);
          const asked = [
            ...(report?.recovers === undefined ? [] : [report.recovers]),
            ...(report?.attempts ?? []),
          ];
          expect(asked.map(({ candidate }) => candidate)).toEqual(
            served === firstText ? ['first'] : ['first', 'second'],
          );
          expect((await compositeCost(result)).count).toBe(asked.length);
          seen.add(
            served === firstText ? 'whole' : report?.recovers === undefined ? 'fell back' : 'repeated',
          );
        }
        // Where the finish goes out with the end of the stream, no cut answer is whole.
        expect([...seen].slice(0, 2)).toEqual(['fell back', 'repeated']);
        if (ending === 'end') expect(seen).toContain('whole');
      },
      everyMs,
    );
  });

  test(`${client.name}, cut at bytes of its connection, is one whole answer, repeated or buffered`, async () => {
    const { bytes } = await record({ client, text: firstText });
    const [first, second] = [
      server.account(`sampled first ${client.name}`),
      server.account(`sampled second ${client.name}`),
    ];
    second.script([respond.answer({ text: secondText })]);
    const candidates = [first, second].map(({ baseUrl }, index) => ({
      model: client.model(baseUrl),
      name: `${index}`,
    }));
    const settings = {
      attempts: 1,
      circuitBreaker: false,
      retryBudget: false,
      pricing: { catalog: false },
    } as const;
    const repeated = createComposite(candidates, settings);
    const buffered = createComposite(candidates, { ...settings, recover: 'buffer' });
    const wholes = [firstText.join(''), secondText.join('')];
    for (let length = 1; length < bytes.length; length += Math.ceil(bytes.length / 6)) {
      first.script([respond.answer({ text: firstText, faults: [cutAt(length)] })]);
      const prompt = `At ${length}`;
      expect(wholes).toContain(
        await streamText({ model: repeated, prompt, streamRetries: 1, onError: () => {} }).text,
      );
      expect(wholes).toContain((await generateText({ model: buffered, prompt })).text);
      expect(wholes).toContain(await streamText({ model: buffered, prompt }).text);
    }
  });
}

/** Cuts the connection behind so many bytes of the body. */
function cutAt(length: number): Fault {
  return ({ wire }) => {
    let left = length;
    const steps = wire.steps.flatMap((step): WireStep[] => {
      if (step.type !== 'write') return step.type === 'end' ? [] : [step];
      const text = step.text.slice(0, left);
      left -= text.length;
      return text === '' ? [] : [{ ...step, text }];
    });
    return { ...wire, steps: [...steps, { type: 'cut' }] };
  };
}
