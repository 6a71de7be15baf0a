import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { thinksInSecret } from '../provider/thinks-in-secret.ts';
import { armUnlessLast } from './arm-unless-last.ts';
import type { Attempt } from './attempt.ts';
import { thinksFirst } from './limits/first-chunk-limit.ts';
import type { Queue } from './step.ts';

/** True for a part that shows a model to think first: it says so, or names the model behind a deployment's name. */
export function showsThinking(part: LanguageModelV4StreamPart): boolean {
  if (part.type === 'reasoning-start') return true;
  return (
    part.type === 'response-metadata' &&
    part.modelId !== undefined &&
    thinksInSecret({ modelId: part.modelId })
  );
}

/** Has an attempt wait longer once its stream begins to think; undefined where that changes nothing. */
export function onceThinking({
  attempt,
  options,
  limitMs,
  queue,
}: {
  readonly attempt: Attempt;
  /** As the candidate got them. */
  readonly options: LanguageModelV4CallOptions;
  /** How long it may take as it is. */
  readonly limitMs: number;
  readonly queue: Queue;
}): (() => void) | undefined {
  const { call, candidate, facts } = attempt;
  const { thinkingMs, isAdaptive } = candidate.timeouts.firstChunkMs;
  const { learned } = call;
  if (isAdaptive !== true || learned === undefined)
    return limitMs === thinkingMs ? undefined : () => armFirstOutput({ attempt, limitMs: thinkingMs, queue });
  if (thinksFirst({ candidate, options })) return undefined;
  return () => {
    facts.hasThought = true;
    const { limitMs: ownMs = thinkingMs } =
      learned.firstChunk({ candidate, options, hasThought: true }) ?? {};
    armFirstOutput({ attempt, limitMs: Math.max(limitMs, ownMs), queue });
  };
}

/** Cuts the attempt if its first output is not there in time. */
export function armFirstOutput({
  attempt,
  limitMs,
  queue,
}: {
  readonly attempt: Attempt;
  readonly limitMs: number;
  readonly queue: Queue;
}): void {
  const { startedAtMs } = attempt;
  armUnlessLast({ attempt, limit: { name: 'firstChunkMs', limitMs, dueAtMs: startedAtMs + limitMs }, queue });
}
