import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import { createPricing } from '../../../src/cost/index.ts';
import { chatAnswer } from '../answers.ts';
import { replay } from '../replay.ts';

const price = { inputTokens: 1, outputTokens: 10 };
const none = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};
const finish: LanguageModelV4StreamPart = {
  type: 'finish',
  usage: none,
  finishReason: { unified: 'stop', raw: 'stop' },
};

function settle({
  provider = 'custom',
  modelId,
  responseModelId,
  isStream = true,
}: {
  readonly provider?: string;
  readonly modelId: string;
  readonly responseModelId?: string;
  readonly isStream?: boolean;
}) {
  const warnings: string[] = [];
  const meter = createPricing({
    catalog: false,
    onWarning: ({ message }) => warnings.push(message),
  }).meter({ provider, modelId, price, callOptions: { prompt: [{ role: 'system', content: 'Be kind.' }] } });
  if (isStream) {
    meter.observe({ type: 'text-delta', id: 't', delta: 'The sun is shining.' });
    meter.observe(finish);
  } else meter.observe({ type: 'text', text: 'The sun is shining.' });
  const cost = meter.settle({
    outcome: 'success',
    ...(!isStream && { usage: none }),
    ...(responseModelId !== undefined && { responseModelId }),
  });
  if (cost instanceof Promise) throw new Error('nothing had to be loaded');
  return { cost, warnings };
}

describe('an answer without usage', () => {
  test.each([true, false])('is a lower bound where the model thinks in secret (a stream: %s)', isStream => {
    for (const modelId of ['gpt-5', 'gpt-6-sol', 'o3', 'x-ai/grok-4', 'gemini-3.8-flash', 'claude-opus-5-5'])
      expect(settle({ modelId, isStream }).cost).toMatchObject({
        status: 'lower-bound',
        flags: ['input-estimated', 'output-estimated', 'reasoning-unseen'],
      });
  });

  test('is estimated where the model shows what it thinks, or does not think', () => {
    for (const modelId of ['gpt-4o', 'gpt-5-chat-latest', 'deepseek-reasoner', 'grok-4-fast-non-reasoning'])
      expect(settle({ modelId }).cost).toMatchObject({
        status: 'estimated',
        flags: ['input-estimated', 'output-estimated'],
      });
  });

  test('is a lower bound where the model that answered thinks in secret, whatever the deployment is called', () => {
    expect(settle({ modelId: 'our-model', responseModelId: 'gpt-5-2025-08-07' }).cost.status).toBe(
      'lower-bound',
    );
  });

  test('is priced where a model that thinks in secret counted its tokens', async () => {
    const { cost } = await replay({
      mode: 'stream',
      package: 'compatible:proxy',
      modelId: 'gpt-5',
      answer: chatAnswer({
        model: 'gpt-5',
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
      settings: { price },
    });
    expect(cost).toMatchObject({ status: 'priced', usdExact: '0.00006' });
  });
});

describe('the warning of missing usage', () => {
  test.each(['ofox.chat', 'my-proxy.chat', 'lmstudio.completion'])(
    'names includeUsage for a stream of %s',
    provider => {
      expect(settle({ provider, modelId: 'm' }).warnings).toEqual([
        `ai-composite: ${provider} m reported no usage, so its cost is estimated. If it is made by createOpenAICompatible, ask for it: createOpenAICompatible({ ..., includeUsage: true }).`,
      ]);
    },
  );

  test('names what OpenRouter has instead', () => {
    const { warnings } = settle({ provider: 'openrouter.chat', modelId: 'z-ai/glm-5' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("openrouter('z-ai/glm-5', { usage: { include: true } })");
  });

  test.each([
    'mistral.chat',
    'groq.chat',
    'perplexity',
    'deepseek.chat',
    'xai.chat',
    'cohere.chat',
    'openai.responses',
    'anthropic.messages',
    'amazon-bedrock',
    'google.generative-ai',
    'custom',
  ])('advises no setting that %s does not have', provider => {
    const { warnings } = settle({ provider, modelId: 'm' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toMatch(/includeUsage|createOpenAICompatible|usage: \{/);
  });

  test('does not advise for a whole answer what is for streams', () => {
    const { warnings } = settle({ provider: 'ofox.chat', modelId: 'm', isStream: false });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain('includeUsage');
  });
});
