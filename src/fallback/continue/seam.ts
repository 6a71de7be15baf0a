import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Delivery, Forward } from '../delivery/delivery.ts';
import { verdictOn } from '../delivery/forward.ts';
import type { Comparison, Verdict } from './compare.ts';
import { endText, forwardOnTrail, type Trail } from './trail.ts';

type Part = LanguageModelV4StreamPart;

/** Where another candidate's answer joins what was delivered: held until it is known to be the same answer. */
type Seam = {
  readonly delivery: Delivery;
  readonly trail: Trail;
  readonly comparison: Comparison;
  readonly onAgrees: () => void;
  readonly onDiffers: () => void;
  isJoined: boolean;
  /** Goes out with the first piece that is new. */
  metadata: Part | undefined;
  /** The candidate's text block that is on its way, by its own id. */
  writing: string | undefined;
};

/**
 * Hands out only what is new of an answer, in the block that is open. The candidate's reasoning stays behind: it led to a
 * text of which a part was there before. Everything else goes out as it comes once the two answers are one.
 */
export function joinAnswer({
  delivery,
  trail,
  comparison,
  onAgrees,
  onDiffers,
}: Pick<Seam, 'delivery' | 'trail' | 'comparison' | 'onAgrees' | 'onDiffers'>): Forward {
  const seam: Seam = {
    delivery,
    trail,
    comparison,
    onAgrees,
    onDiffers,
    isJoined: false,
    metadata: undefined,
    writing: undefined,
  };
  return ({ part }) => (seam.isJoined ? pass({ seam, part }) : weigh({ seam, part }));
}

type Step = { readonly seam: Seam; readonly part: Part };

/** Takes a part before it is known whether the answer is the same one. */
function weigh({ seam, part }: Step): boolean {
  switch (part.type) {
    case 'text-delta':
      seam.writing = part.id;
      return act({ seam, verdict: seam.comparison.take(part.delta) });
    case 'response-metadata':
      seam.metadata = part;
      return false;
    case 'stream-start':
    case 'text-start':
    case 'text-end':
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
    case 'reasoning-file':
    case 'custom':
    case 'ping':
    case 'raw':
      return false;
    case 'error':
      return hand({ seam, part });
    case 'finish':
      // Where it broke off, its text is not at its end.
      if (verdictOn({ delivery: seam.delivery, part }).type === 'broken') return hand({ seam, part });
  }
  act({ seam, verdict: seam.comparison.end() });
  return seam.isJoined ? pass({ seam, part }) : true;
}

/** True where the consumer got something, or nothing more is to be read. */
function act({ seam, verdict }: { readonly seam: Seam; readonly verdict: Verdict }): boolean {
  const { trail, metadata } = seam;
  switch (verdict.type) {
    case 'open':
      return false;
    case 'differs':
      seam.onDiffers();
      return true;
    case 'agrees': {
      seam.isJoined = true;
      // The text goes on.
      trail.ending = undefined;
      seam.onAgrees();
      let isOut = metadata !== undefined && hand({ seam, part: metadata });
      for (const id of [...trail.openReasoning]) isOut = hand({ seam, part: { type: 'reasoning-end', id } });
      return say({ seam, id: seam.writing ?? '', delta: verdict.rest }) || isOut;
    }
    default:
      return verdict satisfies never;
  }
}

/** Takes a part of an answer that has joined. */
function pass({ seam, part }: Step): boolean {
  switch (part.type) {
    case 'text-delta':
      return say({ seam, id: part.id, delta: part.delta });
    case 'text-end':
      return part.id === seam.writing && close(seam);
    case 'stream-start':
    case 'text-start':
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
    case 'reasoning-file':
      return false;
    case 'response-metadata':
    case 'custom':
    case 'raw':
    case 'ping':
    case 'error':
      break;
    default:
      close(seam);
  }
  return hand({ seam, part });
}

/** Hands out a piece of text in the block that is open, or in one of its own where none is. */
function say({
  seam,
  id,
  delta,
}: {
  readonly seam: Seam;
  readonly id: string;
  readonly delta: string;
}): boolean {
  if (delta === '') return false;
  seam.writing = id;
  // The block before this one has ended.
  endText(seam.trail);
  if (seam.trail.openText === undefined) hand({ seam, part: { type: 'text-start', id } });
  return hand({ seam, part: { type: 'text-delta', id: seam.trail.openText ?? id, delta } });
}

/** Ends the block that is open. Its metadata is no longer that of the one who began it: nobody has an item of this text. */
function close(seam: Seam): boolean {
  const { openText } = seam.trail;
  return (
    openText !== undefined && hand({ seam, part: { type: 'text-end', id: openText, providerMetadata: {} } })
  );
}

function hand({ seam: { delivery, trail }, part }: Step): boolean {
  return forwardOnTrail({ delivery, trail, part });
}
