import { stepCountIs, streamText, tool } from 'ai';
import {
  addCosts,
  type CallEndEvent,
  compositeCost,
  compositeMetadata,
  createComposite,
  createCostTracker,
  StreamInterruptedError,
} from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  createFaultServer,
  createGate,
  type Fault,
  type FaultServer,
  fault,
  type Reply,
  respond,
} from '../../src/testing/index.ts';
import { type Client, clients } from '../testing/clients.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

const price = { inputTokens: 1_000, outputTokens: 2_000 };
const brokenText = ['The ', 'first ', 'answer ', 'breaks.'];
const wholeText = ['The ', 'second ', 'is ', 'whole.'];

let accounts = 0;

/** A route of candidates of this client, one for each list of replies. */
function compose({
  client,
  replies,
  clock,
}: {
  readonly client: Client;
  readonly replies: ReadonlyArray<ReadonlyArray<Reply>>;
  readonly clock?: ManualClock;
}) {
  const tracker = createCostTracker();
  const ends: CallEndEvent[] = [];
  const places = replies.map((own, index) => {
    const account = server.account(`retries${accounts++}`);
    account.script(own);
    return { account, candidate: { model: client.model(account.baseUrl), name: `candidate${index}`, price } };
  });
  const model = createComposite(
    places.map(({ candidate }) => candidate),
    {
      attempts: 1,
      pricing: { catalog: false },
      ...(clock !== undefined && { clock }),
      onCallEnd: event => {
        ends.push(event);
        tracker.onCallEnd(event);
      },
    },
  );
  const asked = () => places.map(({ account }) => account.requests.length);
  return { model, tracker, ends, asked, places };
}

/** Every way in which an answer breaks off behind its second piece, once the reader has seen that one. */
const breaks: ReadonlyArray<{
  readonly name: string;
  readonly faults: (until: PromiseLike<unknown>) => readonly Fault[];
  readonly advanceMs?: number;
}> = [
  { name: 'a cut connection', faults: until => [fault.cut({ after: 2, until })] },
  { name: 'a connection that is reset', faults: until => [fault.reset({ after: 2, until })] },
  { name: 'a stall', faults: () => [fault.stall({ after: 2 })], advanceMs: 40_000 },
  {
    name: 'a missing finish',
    faults: until => [
      fault.omit({ roles: ['finish', 'usage', 'terminator'] }),
      fault.end({ after: 2, until }),
    ],
  },
  {
    name: 'an error event',
    faults: until => [fault.pause({ after: 2, until }), fault.error({ kind: 'overloaded', after: 2 })],
  },
  {
    name: 'an unreadable event with content',
    faults: () => [
      fault.malformed({ after: 2, data: '{"delta":{"text":"lost","content":"lost"},"content":"lost' }),
    ],
  },
];

const [anyClient] = clients;

describe('a step that is repeated', () => {
  const compositeOf = (second: Reply) => {
    if (anyClient === undefined) throw new Error('no client');
    const gate = createGate();
    const cut = respond.answer({ text: brokenText, faults: [fault.cut({ after: 2, until: gate.opened })] });
    return { ...compose({ client: anyClient, replies: [[cut], [second]] }), gate };
  };

  test('is not, once the caller has aborted: before the break, before its first output, and behind it', async () => {
    const silent = respond.silence();
    const stalled = respond.answer({ text: wholeText, faults: [fault.stall({ after: 1 })] });
    for (const [phase, second] of [silent, silent, stalled].entries()) {
      const { model, asked, gate, places, ends } = compositeOf(second);
      const controller = new AbortController();
      const options = { model, prompt: `${phase}`, streamRetries: 1, abortSignal: controller.signal };
      const result = streamText({ ...options, onError: () => {} });
      const types: string[] = [];
      let deltas = 0;
      for await (const part of result.fullStream) {
        types.push(part.type);
        if (part.type !== 'text-delta') continue;
        deltas += 1;
        if (deltas === 2 && phase === 0) controller.abort();
        else if (deltas === 2) {
          gate.open();
          if (phase === 1) void places[1]?.account.waitForRequests(1).then(() => controller.abort());
        } else if (deltas === 3) controller.abort();
      }
      expect(types.at(-1)).toBe('abort');
      expect(asked()).toEqual([1, phase === 0 ? 0 : 1]);
      await expect
        .poll(() => ends.map(({ outcome }) => outcome))
        .toEqual(phase === 0 ? ['abort'] : ['failure', 'abort']);
    }
  });

  test('is for a reader who stops reading while it breaks, too', async () => {
    const { model, asked, gate, places } = compositeOf(respond.answer({ text: wholeText }));
    const { textStream } = streamText({ model, prompt: 'Hi', streamRetries: 1, onError: () => {} });
    const reader = textStream.getReader();
    const read: string[] = [];
    for (let delta = 0; delta < 2; delta++) read.push((await reader.read()).value ?? '');
    gate.open();
    await places[0]?.account.requests[0]?.closed;
    for (let next = await reader.read(); !next.done; next = await reader.read()) read.push(next.value);
    expect(read.join('')).toBe([...brokenText.slice(0, 2), ...wholeText].join(''));
    expect(asked()).toEqual([1, 1]);
  });
});

for (const client of clients) {
  describe(client.name, () => {
    test.each(breaks)(
      'the step is repeated by the next candidate after $name',
      async ({ faults, advanceMs }) => {
        const gate = createGate();
        const clock = createManualClock();
        const { model, tracker, ends, asked } = compose({
          client,
          clock,
          replies: [
            [respond.answer({ text: brokenText, faults: faults(gate.opened) })],
            [respond.answer({ text: wholeText })],
          ],
        });
        let deltas = 0;
        const seen: unknown[] = [];
        const result = streamText({
          model,
          prompt: 'Say it.',
          streamRetries: 1,
          onError: ({ error }) => void seen.push(error),
          onChunk: ({ chunk }) => {
            if (chunk.type === 'text-delta' && ++deltas === 2) gate.open();
          },
        });
        const text = result.text;
        if (advanceMs !== undefined) {
          await gate.opened;
          await clock.advance(advanceMs);
        }
        expect(await text).toBe(wholeText.join(''));
        expect(await result.finishReason).toBe('stop');
        expect(seen.map(error => StreamInterruptedError.isInstance(error) && error.isRetryable)).toEqual([
          true,
        ]);
        expect(asked()).toEqual([1, 1]);

        const steps = await result.steps;
        const [report] = steps.map(step => compositeMetadata(step));
        const [broken, whole] = ends;
        expect(steps.length).toBe(1);
        expect(report?.candidate).toBe('candidate1');
        expect(report?.attempts.map(({ candidate, outcome }) => [candidate, outcome])).toEqual([
          ['candidate1', 'success'],
        ]);
        expect(report?.recovers).toEqual({
          callId: broken?.callId,
          candidate: 'candidate0',
          failureKind: broken?.attempts[0]?.failureKind,
          cost: broken?.cost,
        });
        expect(ends.map(({ outcome, recovers }) => [outcome, recovers?.callId])).toEqual([
          ['failure', undefined],
          ['success', broken?.callId],
        ]);
        const both = addCosts([broken?.cost, whole?.cost]);
        expect(both.count).toBe(2);
        expect(await compositeCost(result)).toEqual(both);
        expect(tracker.snapshot()).toMatchObject({ calls: 2, total: both });
      },
    );

    test('a run of steps goes on in its middle, and no tool runs twice', async () => {
      const gate = createGate();
      const { model, asked, places, ends } = compose({
        client,
        replies: [
          [
            respond.answer({ toolCalls: [{ toolName: 'weather', input: { city: 'Oslo' } }] }),
            respond.answer({ text: brokenText, faults: [fault.cut({ after: 2, until: gate.opened })] }),
          ],
          [
            respond.answer({ toolCalls: [{ toolName: 'weather', input: { city: 'Rome' } }] }),
            respond.answer({ text: wholeText }),
          ],
        ],
      });
      const cities: string[] = [];
      const result = streamText({
        model,
        prompt: 'How is the weather?',
        stopWhen: stepCountIs(5),
        tools: {
          weather: tool({
            inputSchema: z.object({ city: z.string() }),
            execute: ({ city }) => {
              cities.push(city);
              return 'sunny';
            },
          }),
        },
        streamRetries: 1,
        onError: () => {},
      });
      let deltas = 0;
      for await (const part of result.fullStream)
        if (part.type === 'text-delta' && ++deltas === 2) gate.open();
      expect(await result.text).toBe(wholeText.join(''));
      expect(cities).toEqual(['Oslo', 'Rome']);
      expect(asked()).toEqual([2, 2]);
      // The repeated step has the result of the first step's tool.
      expect(JSON.stringify(places[1]?.account.requests[0]?.body)).toContain('sunny');
      const reports = (await result.steps).map(step => compositeMetadata(step));
      expect(reports.map(report => [report?.candidate, report?.recovers?.candidate])).toEqual([
        ['candidate0', undefined],
        ['candidate1', 'candidate0'],
        // Who made up for it keeps the conversation.
        ['candidate1', undefined],
      ]);
      expect(await compositeCost(result)).toEqual(addCosts(ends.map(({ cost }) => cost)));
    });
  });
}
