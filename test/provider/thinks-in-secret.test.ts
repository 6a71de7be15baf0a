import { describe, expect, test } from 'vitest';
import { thinksInSecret } from '../../src/provider/thinks-in-secret.ts';

describe('a model that thinks without showing what', () => {
  test.each([
    'o1',
    'o3-mini-2025-01-31',
    'o4-mini-deep-research',
    'openai/o3',
    'gpt-5',
    'gpt-5-2025-08-07',
    'gpt-5.1-codex-mini',
    'gpt-6-sol',
    'gpt-12-nova',
    'openai/gpt-5-mini',
    'ft:gpt-5-mini:acme::1',
    'GPT-6-Luna',
    'grok-4',
    'grok-4-0709',
    'grok-4-1-fast-reasoning',
    'grok-4.20',
    'x-ai/grok-5',
    'gemini-2.5-pro',
    'gemini-3.1-flash-lite',
    'gemini-3.8-flash',
    'publishers/google/models/gemini-3-pro-preview',
    'claude-opus-5-5',
    'us.anthropic.claude-sonnet-5-20260601-v1:0',
    'anthropic/claude-fable-5',
    'claude-mythos-preview',
    'sonar-deep-research',
  ])('is %s', modelId => {
    expect(thinksInSecret({ modelId })).toBe(true);
  });

  test.each([
    'gpt-4o',
    'gpt-4.1-mini',
    'gpt-5-chat-latest',
    'gpt-5-image',
    'gpt-oss-120b',
    'grok-3-mini',
    'grok-4-fast-non-reasoning',
    'xai/grok-4.20-non-reasoning',
    'gemini-2.0-flash',
    'gemini-2.5-flash-lite',
    'gemini-2.5-flash-image',
    'claude-sonnet-4-5-20250929',
    'claude-3-5-haiku-20241022',
    'anthropic.claude-opus-4-20250514-v1:0',
    'deepseek-reasoner',
    'kimi-k2-thinking',
    'llama-3.3-70b',
    'foo1',
    'demo-o1',
    'my-deployment',
    '',
  ])('is not %s', modelId => {
    expect(thinksInSecret({ modelId })).toBe(false);
  });
});
