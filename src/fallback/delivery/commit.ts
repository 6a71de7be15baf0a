import type { LanguageModelV4Content, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { HeldUntil } from '../conditions/condition.ts';

/**
 * True for a part that may commit a stream: output as the SDK itself defines it, but for a tool's input, which is held
 * until its `tool-call` is complete, so that a connection cut inside the arguments can still fall back. A call in doubt
 * does not commit; the gate knows which.
 */
export function isCommittingPart(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return part.delta !== '';
    case 'tool-call':
    case 'file':
    case 'reasoning-file':
      return true;
    default:
      return false;
  }
}

/** True for a part, if it may commit a stream at all, at which one that is held back so far may go out. */
export function ends({
  until,
  part,
  sawCall,
}: {
  readonly until: HeldUntil | undefined;
  readonly part: LanguageModelV4StreamPart;
  /** A tool of ours is called before it. */
  readonly sawCall: boolean;
}): boolean {
  if (until === undefined) return true;
  if (until === 'finish') return false;
  switch (part.type) {
    case 'text-delta':
      return part.delta.trim() !== '' && !(until === 'calls' && sawCall);
    case 'file':
      return !(until === 'calls' && sawCall);
    case 'tool-call':
      return until === 'output';
    default:
      return false;
  }
}

/** True for a part of a call that is ours to run. */
export function isOurCall(part: LanguageModelV4StreamPart): boolean {
  if (part.type !== 'tool-call' && part.type !== 'tool-input-start') return false;
  return part.providerExecuted !== true && part.dynamic !== true;
}

/** True where generated content holds an answer, by the same rule. */
export function hasOutput(content: ReadonlyArray<LanguageModelV4Content>): boolean {
  return content.some(part => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return part.text !== '';
      case 'tool-call':
      case 'file':
      case 'reasoning-file':
        return true;
      default:
        return false;
    }
  });
}
