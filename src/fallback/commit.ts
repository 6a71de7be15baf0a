import type { LanguageModelV4Content, LanguageModelV4StreamPart } from '@ai-sdk/provider';

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
