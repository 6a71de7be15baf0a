import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Candidate } from '../candidate/candidate.ts';
import { thinksInSecret } from '../provider/thinks-in-secret.ts';
import type { Attempt } from './attempt.ts';
import { arm } from './cut.ts';
import { earlier, type Limit } from './limit.ts';
import { isLast, type Queue } from './step.ts';

/**
 * How long a stream attempt may take to its first output: the longer limit where the model is known to think before it
 * answers, or was asked to, and for a composite, which needs time for a fallback of its own. A stream that then starts to
 * think gets it as well.
 */
export function firstChunkLimit({
  candidate: {
    model: { provider, modelId },
    timeouts: {
      firstChunkMs: { usualMs, thinkingMs },
    },
  },
  options,
}: {
  readonly candidate: Candidate;
  /** As the candidate gets them. */
  readonly options: LanguageModelV4CallOptions;
}): number {
  if (usualMs === thinkingMs) return usualMs;
  const isLate = provider === 'composite' || thinksInSecret({ modelId }) || asksToThink(options);
  return isLate ? thinkingMs : usualMs;
}

/** True for a part that shows a model to think first: it says so, or names the model behind a deployment's name. */
export function showsThinking(part: LanguageModelV4StreamPart): boolean {
  if (part.type === 'reasoning-start') return true;
  return (
    part.type === 'response-metadata' &&
    part.modelId !== undefined &&
    thinksInSecret({ modelId: part.modelId })
  );
}

/** Cuts the attempt if its first output is not there in time. The last candidate left has only its total time. */
export function armFirstOutput({
  attempt,
  limitMs,
  queue,
}: {
  readonly attempt: Attempt;
  readonly limitMs: number;
  readonly queue: Queue;
}): void {
  const { startedAtMs, total } = attempt;
  const first: Limit = { name: 'firstChunkMs', limitMs, dueAtMs: startedAtMs + limitMs };
  arm({ attempt, limit: isLast(queue) ? total : earlier({ one: first, other: total }) });
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
