import {
  convertToModelMessages,
  generateText,
  type ModelMessage,
  readUIMessageStream,
  type StepResult,
  streamText,
  ToolLoopAgent,
  type ToolSet,
  tool,
  type UIMessage,
} from 'ai';
import { compositeMetadata } from 'ai-composite';
import { openLedger } from 'ai-composite/ledger';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stampOf } from '../../../src/fallback/history/stamp.ts';
import { usageOf } from '../../fallback/scripted-model.ts';
import { composeRoute, converse, inShort, minuteMs, ok } from './conversation.ts';

describe.each(['generate', 'stream'] as const)(
  'a conversation (%s) that left because its candidate was down',
  mode => {
    test('comes back once that one has been in order for a minute, and the report says so', async () => {
      const { ai, clock, out } = composeRoute();
      const turn = converse({ ai, mode });
      expect(await inShort(turn())).toBe('first');
      out.add('first');
      expect(await inShort(turn())).toBe('second left fallback');
      out.clear();
      await clock.advance(minuteMs - 1);
      expect(await inShort(turn())).toBe('second stayed');
      await clock.advance(1);
      expect(await turn()).toEqual({
        candidate: 'first',
        affinity: {
          candidate: 'first',
          source: 'history',
          decision: 'returned',
          from: 'second',
          reason: 'down',
        },
      });
      expect(await inShort(turn())).toBe('first stayed');
    });

    test('comes back by its session alone, where the history shows nothing', async () => {
      const { ai, clock, out } = composeRoute();
      const turn = async () => {
        const ask = {
          model: ai,
          prompt: 'And now?',
          providerOptions: { composite: { sessionId: 'visitor' } },
        };
        if (mode === 'generate') return compositeMetadata(await generateText(ask));
        const result = streamText(ask);
        await result.consumeStream();
        return compositeMetadata(result);
      };
      out.add('first');
      expect((await turn())?.candidate).toBe('second');
      expect((await turn())?.affinity).toEqual({
        candidate: 'second',
        source: 'session',
        decision: 'stayed',
      });
      out.clear();
      await clock.advance(minuteMs);
      expect((await turn())?.affinity).toEqual({
        candidate: 'first',
        source: 'session',
        decision: 'returned',
        from: 'second',
        reason: 'down',
      });
      expect((await turn())?.affinity).toEqual({ candidate: 'first', source: 'session', decision: 'stayed' });
    });
  },
);

describe('the minute', () => {
  test('begins anew with every failure, and when the breaker closes', async () => {
    const { ai, clock, out } = composeRoute();
    const away = converse({ ai });
    out.add('first');
    await away();
    // New conversations find out that it is still down.
    await clock.advance(50_000);
    expect(await inShort(converse({ ai })())).toBe('second');
    await clock.advance(50_000);
    expect(await inShort(away())).toBe('second stayed');
    out.clear();
    // One of them closes the breaker.
    expect(await inShort(converse({ ai })())).toBe('first');
    await clock.advance(minuteMs - 1);
    expect(await inShort(away())).toBe('second stayed');
    await clock.advance(1);
    expect(await inShort(away())).toBe('first returned down');
  });

  test('is also that of a process that has just begun, and has not seen the candidate yet', async () => {
    const old = composeRoute();
    old.out.add('first');
    const messages: ModelMessage[] = [{ role: 'user', content: 'Hello' }];
    messages.push(...(await generateText({ model: old.ai, messages })).response.messages);
    messages.push({ role: 'user', content: 'And now?' });
    const fresh = composeRoute({ clock: old.clock });
    const served = async () =>
      compositeMetadata(await generateText({ model: fresh.ai, messages }))?.candidate;
    expect(await served()).toBe('second');
    await old.clock.advance(minuteMs);
    expect(await served()).toBe('first');
  });

  test('is over at once after a reset, which is for after a repair', async () => {
    const { ai, out } = composeRoute();
    const turn = converse({ ai });
    out.add('first');
    await turn();
    out.clear();
    expect(await inShort(turn())).toBe('second stayed');
    ai.reset('first');
    expect(await inShort(turn())).toBe('first returned down');
  });

  test('does not stand still where the clock is set back', async () => {
    const { ai, clock, out } = composeRoute();
    const turn = converse({ ai });
    out.add('first');
    await turn();
    out.clear();
    await clock.advance(-3_600_000);
    expect(await inShort(turn())).toBe('second stayed');
    await clock.advance(minuteMs);
    expect(await inShort(turn())).toBe('first returned down');
  });
});

describe('a conversation that comes back', () => {
  test('waits for twice as long where it has to leave again, and for a quarter of an hour at most', async () => {
    const { ai, clock, out } = composeRoute();
    const turn = converse({ ai });
    out.add('first');
    await turn();
    const waits = [];
    for (let round = 0; round < 7; round++) {
      out.clear();
      let minutes = 0;
      for (let served = ''; served !== 'first'; minutes++) {
        await clock.advance(minuteMs);
        served = `${(await turn()).candidate}`;
      }
      waits.push(minutes);
      out.add('first');
      expect(await inShort(turn())).toBe('second left fallback');
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 16, 16]);
  });

  test('waits for twice as long where it was not answered there', async () => {
    const { ai, clock, out, models } = composeRoute();
    const turn = converse({ ai });
    out.add('first');
    await turn();
    const asked = [];
    for (let minute = 1; minute <= 40; minute++) {
      await clock.advance(minuteMs);
      const before = models.get('first')?.calls.length;
      expect(await inShort(turn())).toBe('second stayed');
      if (models.get('first')?.calls.length !== before) asked.push(minute);
    }
    expect(asked).toEqual([1, 3, 7, 15, 31]);
  });

  test('waits for a minute again, where its candidate was in order for half an hour', async () => {
    const { ai, clock, out } = composeRoute();
    const turn = converse({ ai });
    for (let round = 0; round < 3; round++) {
      out.add('first');
      await turn();
      out.clear();
      await clock.advance(minuteMs);
      expect(await inShort(turn())).toBe('first returned down');
      await clock.advance(30 * minuteMs);
    }
  });

  test('has the one whose cache it leaves for its first fallback', async () => {
    const { ai, clock, out } = composeRoute({ names: ['first', 'second', 'third'] });
    const turn = converse({ ai });
    out.add('first').add('second');
    expect(await inShort(turn())).toBe('third');
    await clock.advance(minuteMs);
    // The first one that is in order is the second now, once it was tried.
    out.delete('second');
    const { steps } = await ai.plan({
      messages: [
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            {
              type: 'text',
              text: 'Hi',
              providerOptions: { composite: { candidate: `${stampOf('third')}d` } },
            },
          ],
        },
        { role: 'user', content: 'And now?' },
      ],
    });
    expect(steps.map(({ candidate, reason }) => `${candidate} ${reason}`)).toEqual([
      'first probe',
      'third affinity',
      'second probe',
    ]);
    expect(await inShort(turn())).toBe('third stayed');
  });

  test('goes to the first that is in order, and from there home', async () => {
    const { ai, clock, out } = composeRoute({ names: ['first', 'second', 'third'] });
    const turn = converse({ ai });
    const others = async () => void (await converse({ ai })());
    out.add('first').add('second');
    expect(await inShort(turn())).toBe('third');
    out.delete('second');
    await clock.advance(11_000);
    await others();
    // New conversations find the first one down again and again.
    for (let passed = 0; passed < 6; passed++) {
      await others();
      await clock.advance(11_000);
    }
    await others();
    expect(await inShort(turn())).toBe('second returned down');
    expect(await inShort(turn())).toBe('second stayed');
    out.clear();
    await clock.advance(11_000);
    await others();
    await clock.advance(minuteMs);
    expect(await inShort(turn())).toBe('first returned down');
  });

  test('is not brought back by a plan that is only looked at', async () => {
    const { ai, clock, out } = composeRoute();
    const turn = converse({ ai });
    out.add('first');
    await turn({ composite: { sessionId: 'one' } });
    out.clear();
    await clock.advance(minuteMs);
    const plan = () => ai.plan({ prompt: 'Hello', providerOptions: { composite: { sessionId: 'one' } } });
    for (let look = 0; look < 2; look++)
      expect((await plan()).affinity).toEqual({
        candidate: 'first',
        source: 'session',
        decision: 'returned',
        from: 'second',
        reason: 'down',
      });
    expect(await inShort(turn())).toBe('first returned down');
  });

  test('is at home again through the messages of a user interface', async () => {
    const { ai, clock, out } = composeRoute();
    const question = (id: string): UIMessage => ({ id, role: 'user', parts: [{ type: 'text', text: 'Hi' }] });
    const messages: UIMessage[] = [];
    const turn = async () => {
      messages.push(question(`q${messages.length}`));
      const result = streamText({ model: ai, messages: await convertToModelMessages(messages) });
      let answer: UIMessage | undefined;
      for await (const message of readUIMessageStream({ stream: result.toUIMessageStream() }))
        answer = message;
      if (answer === undefined) throw new Error('There was no answer.');
      // A browser sends JSON.
      messages.push(JSON.parse(JSON.stringify(answer)));
      return (await compositeMetadata(result))?.affinity?.decision;
    };
    out.add('first');
    expect(await turn()).toBeUndefined();
    out.clear();
    expect(await turn()).toBe('stayed');
    await clock.advance(minuteMs);
    expect(await turn()).toBe('returned');
    expect(await turn()).toBe('stayed');
    const stamps = messages.flatMap(({ parts }) =>
      parts.flatMap(part =>
        part.type === 'text' && part.providerMetadata !== undefined ? [part.providerMetadata.composite] : [],
      ),
    );
    const [first, second] = [stampOf('first'), stampOf('second')];
    expect(stamps).toEqual([`${second}d`, `${second}d`, first, first].map(candidate => ({ candidate })));
  });
});

describe('an agent', () => {
  const look = { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{}' } as const;
  const usage = usageOf(1, 1);

  test.each(['generate', 'stream'] as const)(
    'goes on where it is until its turn is over (%s)',
    async mode => {
      let steps = 0;
      const { ai, clock, out } = composeRoute({
        turnOf: () => {
          steps += 1;
          if (steps % 3 === 0) return ok;
          const finishReason = { unified: 'tool-calls', raw: 'tool_calls' } as const;
          return {
            finish: 'tool-calls',
            content: [{ ...look, toolCallId: `c${steps}` }],
            parts: [
              { type: 'stream-start', warnings: [] },
              { ...look, toolCallId: `c${steps}` },
              { type: 'finish', usage, finishReason },
            ],
          };
        },
      });
      const agent = new ToolLoopAgent({
        model: ai,
        tools: {
          look: tool({
            inputSchema: z.object({}),
            execute: async () => {
              out.clear();
              await clock.advance(10 * minuteMs);
              return 'nothing';
            },
          }),
        },
      });
      const messages: ModelMessage[] = [];
      const turn = async () => {
        messages.push({ role: 'user', content: 'Look around' });
        const seen: string[] = [];
        if (mode === 'generate') {
          const result = await agent.generate({ messages });
          messages.push(...result.response.messages);
          for (const step of result.steps) seen.push(wordsOf(step));
        } else {
          const result = await agent.stream({ messages });
          await result.consumeStream();
          messages.push(...(await result.response).messages);
          for (const step of await result.steps) seen.push(wordsOf(step));
        }
        return seen;
      };
      out.add('first');
      expect(await turn()).toEqual(['second', 'second stayed', 'second stayed']);
      expect(await turn()).toEqual(['first returned', 'first stayed', 'first stayed']);
    },
  );

  test('is brought back by the next word of the user, and not by the result of a tool', async () => {
    const { ai, clock } = composeRoute();
    await clock.advance(minuteMs);
    const stamp = { composite: { candidate: `${stampOf('second')}d` } };
    const call = { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: {} } as const;
    const start: ModelMessage[] = [
      { role: 'user', content: 'Look' },
      { role: 'assistant', content: [{ ...call, providerOptions: stamp }] },
    ];
    const result: ModelMessage = {
      role: 'tool',
      content: [
        {
          type: 'tool-result',
          toolCallId: 'c',
          toolName: 'look',
          output: { type: 'text', value: 'nothing' },
        },
      ],
    };
    const word: ModelMessage = { role: 'user', content: 'Go on' };
    const decide = async (messages: ModelMessage[]) => (await ai.plan({ messages })).affinity?.decision;
    expect(await decide([...start, result])).toBe('stayed');
    expect(await decide([...start, result, word])).toBe('returned');
  });
});

function wordsOf(step: StepResult<ToolSet>): string {
  const report = compositeMetadata(step);
  return [report?.candidate, report?.affinity?.decision].filter(word => word !== undefined).join(' ');
}

test('the ledger keeps why a conversation had left, and that it came back', async () => {
  const ledger = await openLedger({ database: ':memory:' });
  const { ai, clock, out } = composeRoute({ options: { observers: ledger } });
  const turn = converse({ ai });
  out.add('first');
  await turn();
  out.clear();
  await clock.advance(minuteMs);
  const { affinity } = await turn();
  await ledger.flush();
  const [last] = await ledger.calls({ from: 0, to: clock.now() + minuteMs });
  expect(affinity?.decision).toBe('returned');
  expect(last?.affinity).toEqual(affinity);
  await ledger.close();
});
