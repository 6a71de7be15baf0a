import { generateText } from 'ai';
import { createComposite } from 'ai-composite';
import { expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

test('an estimator that throws fails no call: the context window is then unknown', async () => {
  const model = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
  const ai = createComposite({
    tasks: { chat: [{ model, capabilities: { contextWindow: 1_000 } }] },
    pricing: {
      catalog: false,
      onWarning: () => {},
      estimateTokens: () => {
        throw new Error('no tokenizer');
      },
    },
  });

  expect((await generateText({ model: ai, prompt: 'hi' })).text).toBe('ok');
});

test('a conversation that cannot be measured fails no call either', async () => {
  const model = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
  const ai = createComposite({
    tasks: { chat: [{ model, capabilities: { contextWindow: 10 } }] },
    pricing: { catalog: false, onWarning: () => {} },
  });

  const { content } = await ai.doGenerate({
    prompt: [
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: '1', toolName: 'count', input: { to: 10n } }],
      },
    ],
  });
  expect(content).toMatchObject([{ text: 'ok' }]);
});
