import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { RecoveredPart } from '../../report/report.ts';
import type { Forward } from '../delivery/delivery.ts';
import { forward, verdictOn } from '../delivery/forward.ts';

/** What the consumer of a stream has so far, so that somebody else can go on behind it. */
export type Trail = {
  text: string;
  /** Nothing but text and reasoning went out: a tool call, a file or a source belongs to its own answer. */
  isPlain: boolean;
  /** The end of a text that is not handed out before something behind it. */
  ending: Step | undefined;
  /** The blocks that were begun and not ended. */
  openText: string | undefined;
  readonly openReasoning: Set<string>;
  /** Who made which part. */
  readonly parts: RecoveredPart[];
};

/** Makes the trail of a stream that has not begun. */
export function createTrail(first: Pick<RecoveredPart, 'candidate' | 'attemptNumber'>): Trail {
  return {
    text: '',
    isPlain: true,
    ending: undefined,
    openText: undefined,
    openReasoning: new Set(),
    parts: [{ ...first, offset: 0 }],
  };
}

/** Hands a part out, and keeps what the consumer has got by it. */
export function forwardOnTrail({ trail, delivery, part }: OnTrail): boolean {
  if (trail.isPlain && part.type === 'text-end') {
    // Packages end the open text of their own accord where a connection is lost, and say so only behind it.
    trail.ending = { delivery, part };
    return false;
  }
  const isEnded = showsEnd({ delivery, part }) && endText(trail);
  return handOut({ trail, delivery, part }) || isEnded;
}

/** Hands out the end of a text that waits for what is behind it; false where there is none. */
export function endText(trail: Trail): boolean {
  const { ending } = trail;
  trail.ending = undefined;
  return ending !== undefined && handOut({ trail, ...ending });
}

type Step = Parameters<Forward>[0];
type OnTrail = Step & { readonly trail: Trail };

/** True for a part that shows the text before it to have ended. */
function showsEnd({ delivery, part }: Step): boolean {
  switch (part.type) {
    case 'error':
    case 'raw':
    case 'ping':
      return false;
    case 'finish':
      return verdictOn({ delivery, part }).type === 'whole';
    default:
      return true;
  }
}

function handOut({ trail, delivery, part }: OnTrail): boolean {
  const isOut = forward({ delivery, part });
  // Where it is over, it broke instead of handing this part out, or needs no trail any more.
  if (!delivery.isOver) follow({ trail, part });
  return isOut;
}

function follow({ trail, part }: { readonly trail: Trail; readonly part: LanguageModelV4StreamPart }): void {
  switch (part.type) {
    case 'text-start':
      // Of two texts at once nobody could tell which one broke off.
      if (trail.openText !== undefined) trail.isPlain = false;
      trail.openText = part.id;
      break;
    case 'text-delta':
      trail.text += part.delta;
      break;
    case 'text-end':
      trail.openText = undefined;
      break;
    case 'reasoning-start':
      trail.openReasoning.add(part.id);
      break;
    case 'reasoning-end':
      trail.openReasoning.delete(part.id);
      break;
    case 'reasoning-delta':
    case 'stream-start':
    case 'response-metadata':
    // Anthropic's package opens every answer with one. It is no part of the answer, and nobody else is ever sent it.
    case 'custom':
    case 'raw':
    case 'ping':
    case 'error':
      break;
    default:
      trail.isPlain = false;
  }
}
