import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { InvalidAnswerError } from '../../failure/errors.ts';

/** What a stream is in the middle of, and whether it still gets anywhere. */
export type Progress = {
  /** In a text, where the next piece is due soon; some providers send a tool's arguments in large pieces, minutes apart. */
  insideText: boolean;
  /** Parts in a row without content. */
  noise: number;
  /** An event without content that could not be read. It is forgotten if the provider goes on to a proper finish. */
  unreadable: unknown;
};

/** Parts in a row without content after which everything else gets a turn. */
const noisePerTurn = 100;
/** More than any answer has between two pieces of content, also of a model that thinks in secret and sends empty deltas. */
const maxNoise = 100_000;

/** Takes a part; true where it is content. A ping, a raw chunk, an empty delta and an unreadable event are noise. */
export function isContent({
  progress,
  part,
}: {
  readonly progress: Progress;
  readonly part: LanguageModelV4StreamPart;
}): boolean {
  switch (part.type) {
    case 'text-delta':
      if (part.delta === '') break;
      progress.insideText = true;
      progress.noise = 0;
      return true;
    case 'tool-input-delta':
    case 'reasoning-delta':
      if (part.delta === '') break;
      progress.insideText = false;
      progress.noise = 0;
      return true;
    case 'tool-call':
    case 'tool-result':
    case 'tool-approval-request':
    case 'file':
    case 'reasoning-file':
    case 'source':
    case 'finish':
      progress.insideText = false;
      progress.noise = 0;
      return true;
    // What content was in is over: a model may think now, or run a tool of its own. That alone gets nobody further.
    case 'text-end':
    case 'tool-input-end':
    case 'reasoning-start':
      progress.insideText = false;
  }
  progress.noise += 1;
  return false;
}

/** So many parts in a row without content that everything else should get a turn first. */
export function isTurnDue({ noise }: Progress): boolean {
  return noise !== 0 && noise % noisePerTurn === 0;
}

/** So many that there will be no content. */
export function isEndless({ noise }: Progress): boolean {
  return noise >= maxNoise;
}

/**
 * Lets timers and sockets have their turn, which a source that always has a next part would keep from them. Not by the
 * injected clock: this is no time limit, and it passes also while that clock stands still.
 */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0));
}

/** What an attempt fails with that sends parts without content and does not stop. */
export function noiseWithoutEnd(): InvalidAnswerError {
  return new InvalidAnswerError({
    kind: 'malformed-response',
    message: 'The stream went on and on without any content.',
  });
}
