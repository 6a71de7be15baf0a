import { classifyWithModel, createComposite, memoryState, type StateStore } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock, settle } from '../fallback/manual-clock.ts';
import { down, scriptedModel, type Turn } from '../fallback/scripted-model.ts';
import { call } from '../testing/call.ts';
import { remoteStore } from './remote-store.ts';

const answer: Turn = { text: ['ok'] };
const sessionOf = (sessionId: string) => call({ providerOptions: { composite: { sessionId } } });

describe.each(['in memory', 'far away'] as const)('a state %s', where => {
  const open = () => {
    const clock = createManualClock();
    const near = memoryState({ clock });
    const state: StateStore = where === 'in memory' ? near : remoteStore(near);
    return { clock, state };
  };

  test('tells every process who served a session', async () => {
    const { clock, state } = open();
    const start = (first: Turn) => {
      const models = ['one', 'two'].map(id =>
        scriptedModel({ id, turns: id === 'one' ? [first, answer] : [answer] }),
      );
      const ai = createComposite(
        models.map((model, index) => ({ model, name: `candidate ${index}` })),
        { clock, state, attempts: 1, pricing: { catalog: false, onWarning: () => undefined } },
      );
      return async (sessionId: string) => {
        const { providerMetadata } = await ai.doGenerate(sessionOf(sessionId));
        return [providerMetadata?.composite?.candidate, providerMetadata?.composite?.affinity];
      };
    };
    const [here, there] = [start({ error: down }), start(answer)];
    expect(await here('s')).toEqual(['candidate 1', undefined]);
    await settle();
    expect(await there('s')).toEqual([
      'candidate 1',
      { candidate: 'candidate 1', source: 'session', decision: 'stayed' },
    ]);
    expect((await there('other'))[0]).toBe('candidate 0');
  });

  test('asks a model once about a conversation, whichever process has it', async () => {
    const { clock, state } = open();
    const start = (own: StateStore) => {
      const small = scriptedModel({ id: 'small', turns: [{ text: [JSON.stringify({ result: 'code' })] }] });
      const ai = createComposite({
        tasks: {
          chat: [scriptedModel({ id: 'a', turns: [answer] })],
          code: [scriptedModel({ id: 'b', turns: [answer] })],
        },
        classify: classifyWithModel(small, { tasks: { code: 'writing code', chat: 'everything else' } }),
        clock,
        state: own,
        pricing: { catalog: false, onWarning: () => undefined },
      });
      return { ai, small };
    };
    // Another version of the program may have had other tasks.
    const odd: StateStore = { ...state, readNote: async () => 'no longer a task' };
    const [here, there, changed] = [start(state), start(state), start(odd)];
    for (const { ai } of [here, there]) {
      const { providerMetadata } = await ai.doGenerate(call());
      expect(providerMetadata?.composite?.task).toBe('code');
      await settle();
    }
    expect([here.small.calls.length, there.small.calls.length]).toEqual([1, 0]);
    await changed.ai.doGenerate(call());
    expect(changed.small.calls).toHaveLength(1);
  });
});
