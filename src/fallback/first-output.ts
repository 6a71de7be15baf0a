import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { thinksInSecret } from '../provider/thinks-in-secret.ts';
import type { Attempt } from './attempt.ts';
import { arm } from './cut.ts';
import { earlier, type Limit } from './limit.ts';
import { isLast, type Queue } from './step.ts';

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
