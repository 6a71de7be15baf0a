import type { Candidate } from '../../candidate/candidate.ts';
import type { LanguageModelV4Prompt, SharedV4ProviderOptions } from '../../provider/sdk-types.ts';
import type { Whereabouts } from '../../state/conversations/away.ts';
import { stampLength } from './stamp.ts';

/** Who can be told from a stamp: every candidate of the composite by its stamp and, for conversations with 0.1.0, by its name. */
export type Makers = ReadonlyMap<string, Pick<Candidate, 'name' | 'model'>>;

/** Makes the list of makers. */
export function makersAmong(candidates: ReadonlyArray<Pick<Candidate, 'name' | 'stamp' | 'model'>>): Makers {
  return new Map([
    ...candidates.map(candidate => [candidate.name, candidate] as const),
    ...candidates.map(candidate => [candidate.stamp, candidate] as const),
  ]);
}

/** The candidate that a stamp is of; a letter behind the stamp of a candidate says why the conversation was there. */
export function makerOf({
  stamp,
  makers,
}: {
  readonly stamp: string;
  readonly makers: Makers;
}): Pick<Candidate, 'name' | 'model'> | undefined {
  return makers.get(stamp) ?? (hasLetter(stamp) ? makers.get(stamp.slice(0, stampLength)) : undefined);
}

function hasLetter({ length }: string): boolean {
  return length === stampLength + 1;
}

/** The stamp on a part, which the SDK carries through messages. */
export function stampOn(part: { readonly providerOptions?: SharedV4ProviderOptions }): string | undefined {
  const stamp = part.providerOptions?.composite?.candidate;
  return typeof stamp === 'string' ? stamp : undefined;
}

/** True for a part of an answer that changed hands: its message is of several candidates, whose ids and signatures do not fit. */
export function isContinued(part: { readonly providerOptions?: SharedV4ProviderOptions }): boolean {
  return part.providerOptions?.composite?.continued === true;
}

/**
 * The candidate that made the latest part of a conversation, among those that there are: a stamp may be of another
 * composite, of an earlier version, or of whoever sent the messages.
 */
export function lastMaker({
  prompt,
  makers,
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly makers: Makers;
}): Whereabouts | undefined {
  for (let index = prompt.length - 1; index >= 0; index--) {
    const message = prompt[index];
    if (message?.role !== 'assistant') continue;
    for (let at = message.content.length - 1; at >= 0; at--) {
      const part = message.content[at];
      const stamp = part === undefined ? undefined : stampOn(part);
      const maker = stamp === undefined ? undefined : makerOf({ stamp, makers });
      if (stamp !== undefined && maker !== undefined)
        return {
          candidate: maker.name,
          away: hasLetter(stamp) && !makers.has(stamp) ? stamp.slice(stampLength) : '',
        };
    }
  }
  return undefined;
}
