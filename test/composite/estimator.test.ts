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
