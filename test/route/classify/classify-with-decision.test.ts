import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import {
  type CallEndEvent,
  type ClassifyWithDecisionSettings,
  classifyWithDecision,
  createComposite,
  type DecisionModelLike,
} from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { scriptedModel } from '../../fallback/scripted-model.ts';

const tasks = { code: 'writing or fixing code', chat: 'everything else' };

/** A decision model that gives these answers, and what it was asked. */
function decider(
  ...answers: ReadonlyArray<
    { readonly choice: string; readonly probabilities?: Record<string, number> } | Error
  >
) {
  const asked: Array<{ readonly state: unknown; readonly questions: unknown }> = [];
  const model = {
    specificationVersion: 'v4' as const,
    provider: 'acme.decision',
    modelId: 'decider',
    supportedQuestionTypes: ['choice'],
    doDecide: async ({ state, questions }: { readonly state: unknown; readonly questions: unknown }) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push({ state, questions });
      if (answer instanceof Error || answer === undefined) throw answer;
      return {
        answers: { task: { type: 'choice', ...answer } },
        usage: { inputTokens: 100, outputTokens: 10 },
        warnings: [],
      };
    },
  };
  return { model: model as unknown as DecisionModelLike, asked };
}

const said = (text: string): LanguageModelV4CallOptions => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
});

function compose({
  model,
  ...settings
}: { readonly model: DecisionModelLike } & Partial<ClassifyWithDecisionSettings<'code' | 'chat', 'chat'>>) {
  const calls: CallEndEvent[] = [];
  const served = scriptedModel({ id: 'served', turns: [{ text: ['ok'] }] });
  const ai = createComposite({
    tasks: {
      other: [{ model: served, name: 'other' }],
      code: [{ model: served, name: 'code' }],
      chat: [{ model: served, name: 'chat' }],
    },
    classify: classifyWithDecision(model, { tasks, ...settings }),
    clock: createManualClock(),
    prices: {
      'acme/decider': { inputTokens: 1, outputTokens: 2 },
      'scripted/served': { inputTokens: 0, outputTokens: 0 },
    },
    pricing: { catalog: false },
    onCallEnd: call => void calls.push(call),
  });
  const taskOf = async (text: string) => {
    await ai.doGenerate(said(text));
    return calls.at(-1)?.task;
  };
  return { calls, taskOf };
}

describe('classifying with a decision', () => {
  test('takes the choice, books its cost, and asks once a conversation', async () => {
    const { model, asked } = decider({ choice: 'code', probabilities: { code: 0.9, chat: 0.1 } });
    const { calls, taskOf } = compose({ model });
    expect([await taskOf('fix it'), await taskOf('fix it')]).toEqual(['code', 'code']);
    expect(asked).toMatchObject([
      {
        state: [{ type: 'text', text: expect.stringContaining('fix it') }],
        questions: { task: { type: 'choice', criteria: tasks } },
      },
    ]);
    expect(calls.map(({ classification }) => classification?.cost.usdExact)).toEqual(['0.00012', undefined]);
  });

  test.each([
    ['above the least probability is taken', { code: 0.71, chat: 0.29 }, {}, 'code'],
    ['below it leaves the default task', { code: 0.69, chat: 0.31 }, {}, 'other'],
    ['below it leaves it to otherwise', { code: 0.69, chat: 0.31 }, { otherwise: 'chat' as const }, 'chat'],
  ])('an answer %s', async (_name, probabilities, settings, task) => {
    const { model } = decider({ choice: 'code', probabilities });
    const { calls, taskOf } = compose({ model, minProbability: 0.7, ...settings });
    expect(await taskOf('x')).toBe(task);
    expect(calls[0]?.warnings).toBeUndefined();
    expect(calls[0]?.classification?.outcome).toBe('success');
  });

  test('a model without probabilities is taken at its word', async () => {
    const { taskOf } = compose({ model: decider({ choice: 'code' }).model, minProbability: 1 });
    expect(await taskOf('x')).toBe('code');
  });

  test.each([
    ['fails', new Error('down')],
    ['answers what was not asked', { choice: 'poetry' }],
  ])('a model that %s is a warning, and costs nobody the call', async (_name, answer) => {
    const { calls, taskOf } = compose({ model: decider(answer).model });
    expect(await taskOf('x')).toBe('other');
    expect(calls[0]?.warnings).toEqual([
      'The classifying model gave no usable answer; the default task serves.',
    ]);
  });

  test('works with the real package over its protocol', async () => {
    const bodies: unknown[] = [];
    const openai = createOpenAI({
      apiKey: 'k',
      fetch: async (_url, init) => {
        bodies.push(JSON.parse(String(init?.body)));
        return Response.json(
          { error: { message: 'not in this test', type: 'x', code: null, param: null } },
          { status: 500 },
        );
      },
    });
    const { calls, taskOf } = compose({ model: openai.decisionModel('gpt-6-luna') });
    expect(await taskOf('fix it')).toBe('other');
    expect(JSON.stringify(bodies)).toContain('writing or fixing code');
    expect(bodies).toHaveLength(1);
    expect(calls[0]?.classification).toMatchObject({ outcome: 'failure', statusCode: 500 });
  });
});

describe('settings that cannot work', () => {
  const { model } = decider({ choice: 'code' });
  test.each<readonly [settings: object, message: RegExp]>([
    [{ tasks: { code: 'x' } }, /tasks: must have two tasks/],
    [{ tasks, minProbability: 70 }, /minProbability: must be at most 1 \(got 70\)/],
    [{ tasks, minSimilarity: 0.5 }, /has no option "minSimilarity"/],
  ])('%j is refused', (settings, message) => {
    expect(() => classifyWithDecision(model, settings as never)).toThrow(message);
  });

  test('a language model is refused, with the classifier that takes one', () => {
    const chat = scriptedModel({ id: 'x', turns: [] });
    expect(() => classifyWithDecision(chat as never, { tasks })).toThrow(
      /for a language model use classifyWithModel/,
    );
  });
});
