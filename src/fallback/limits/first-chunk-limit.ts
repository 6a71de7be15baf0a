import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Candidate } from '../../candidate/candidate.ts';
import { thinksInSecret } from '../../provider/thinks-in-secret.ts';

/**
 * How long a stream attempt may take to its first output: the longer limit where the model is known to think before it
 * answers, or was asked to, and for a composite, which needs time for a fallback of its own. A stream that then starts to
 * think gets it as well.
 */
export function firstChunkLimit({
  candidate,
  options,
}: {
  readonly candidate: Candidate;
  /** As the candidate gets them. */
  readonly options: LanguageModelV4CallOptions;
}): number {
  const { usualMs, thinkingMs } = candidate.timeouts.firstChunkMs;
  if (usualMs === thinkingMs) return usualMs;
  return thinksFirst({ candidate, options }) ? thinkingMs : usualMs;
}

/** True where the first output may come late: the model is known to think before it answers, or was asked to; or a composite. */
export function thinksFirst({
  candidate: {
    model: { provider, modelId },
  },
  options,
}: {
  readonly candidate: Candidate;
  /** As the candidate gets them. */
  readonly options: LanguageModelV4CallOptions;
}): boolean {
  return provider === 'composite' || thinksInSecret({ modelId }) || asksToThink(options);
}

function asksToThink({ reasoning, providerOptions }: LanguageModelV4CallOptions): boolean {
  if (reasoning !== undefined && reasoning !== 'none' && reasoning !== 'provider-default') return true;
  if (providerOptions === undefined) return false;
  return Object.values(providerOptions).some(own =>
    Object.entries(own ?? {}).some(([name, value]) => aboutThinking.test(name) && !isOff(value)),
  );
}

/**
 * Every provider has names of its own for it: `reasoningEffort`, `reasoning`, `reasoningConfig`, `thinking`,
 * `thinkingConfig`, `enableThinking`. A name too many only means to wait longer.
 */
const aboutThinking = /^(?:enable_?)?(?:think|reason)/i;

function isOff(value: unknown): boolean {
  if (typeof value !== 'object' || value === null)
    return value === undefined || value === null || value === false || value === 0 || isWordForOff(value);
  const entries = Object.entries(value);
  return entries.some(
    ([name, own]) =>
      (name === 'type' && isWordForOff(own)) || ((name === 'enabled' || /budget/i.test(name)) && isOff(own)),
  );
}

function isWordForOff(value: unknown): boolean {
  return value === 'none' || value === 'disabled' || value === 'off';
}
