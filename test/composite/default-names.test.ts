import { createComposite } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { scriptedModel } from '../fallback/scripted-model.ts';

const namesOf = (...models: ReadonlyArray<readonly [provider: string, modelId: string]>) =>
  createComposite({
    tasks: {
      chat: models.map(([provider, id]) => scriptedModel({ id, provider, turns: [{ text: ['Hi'] }] })),
    },
  })
    .health()
    .map(({ candidate }) => candidate);

describe('the name of a candidate that was given none', () => {
  test.each([
    ['openai.responses', 'gpt-6-sol', 'openai/gpt-6-sol'],
    ['anthropic.messages', 'claude-sonnet-5', 'anthropic/claude-sonnet-5'],
    ['google.generative-ai', 'gemini-3.8-flash', 'google/gemini-3.8-flash'],
    ['ofox.chat', 'anthropic/claude-sonnet-5', 'ofox/anthropic/claude-sonnet-5'],
    [
      'huggingface.responses',
      'meta-llama/Llama-3.3-70B-Instruct',
      'huggingface/meta-llama/Llama-3.3-70B-Instruct',
    ],
    [
      'amazon-bedrock',
      'us.anthropic.claude-sonnet-5-v1:0',
      'amazon-bedrock/us.anthropic.claude-sonnet-5-v1:0',
    ],
    ['azure.responses', 'my-deployment', 'azure/my-deployment'],
    ['ollama', 'qwen3:8b', 'ollama/qwen3:8b'],
    ['workersai', '@cf/meta/llama-3.3-70b-instruct', 'workersai/@cf/meta/llama-3.3-70b-instruct'],
    ['openai.chat', 'ft:gpt-4o-mini:acme::abc', 'openai/ft:gpt-4o-mini:acme::abc'],
  ])('is provider/modelId: %s %s', (provider, modelId, name) => {
    expect(namesOf([provider, modelId])).toEqual([name]);
  });

  test.each([
    ['google.vertex.chat', 'gemini-3.8-flash', 'vertex/gemini-3.8-flash'],
    ['googleVertex.anthropic.messages', 'claude-sonnet-5@20260101', 'vertex/claude-sonnet-5@20260101'],
    ['vertex.maas', 'publishers/meta/models/llama-4', 'vertex/llama-4'],
    ['google.vertex.chat', 'projects/p/locations/l/endpoints/12345', 'vertex/12345'],
    ['fireworks.chat', 'accounts/fireworks/models/glm-5', 'fireworks/glm-5'],
    ['fireworks.chat', 'accounts/acme/models/my-tune#accounts/acme/deployments/d1', 'fireworks/my-tune'],
    ['google.generative-ai', 'tunedModels/support-1', 'google/support-1'],
    [
      'amazon-bedrock',
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5-v1:0',
      'amazon-bedrock/us.anthropic.claude-sonnet-5-v1:0',
    ],
    [
      'amazon-bedrock',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
      'amazon-bedrock/abc123',
    ],
    [
      'bedrock.anthropic.messages',
      'arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-sonnet-5-v1:0',
      'bedrock/anthropic.claude-sonnet-5-v1:0',
    ],
    ['sagemaker', 'arn:aws:sagemaker:us-east-1:123456789012:my-endpoint', 'sagemaker/my-endpoint'],
    ['vllm.chat', '/home/acme/models/llama-3.gguf', 'vllm/llama-3.gguf'],
    ['lmstudio.chat', 'C:\\models\\llama-3.gguf', 'lmstudio/llama-3.gguf'],
  ])('is what people say of a path: %s %s', (provider, modelId, name) => {
    expect(namesOf([provider, modelId])).toEqual([name]);
  });

  test('is unique, also where two paths end alike', () => {
    expect(
      namesOf(
        ['fireworks.chat', 'accounts/fireworks/models/glm-5'],
        ['fireworks.chat', 'accounts/acme/models/glm-5'],
        ['fireworks.chat', 'glm-5'],
      ),
    ).toEqual(['fireworks/glm-5', 'fireworks/glm-5#2', 'fireworks/glm-5#3']);
  });
});
