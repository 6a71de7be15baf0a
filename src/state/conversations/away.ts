/**
 * Why a conversation is not on the candidate that its route prefers: one letter behind the stamp of an answer, or behind the
 * name in the memory of a session; empty where there is nothing to say. What it means for the next turn is in `route/homecoming.ts`.
 */
export type Away = string;

/** It was out of order, or broke an answer off. */
export const down: Away = 'd';
/** A budget had no room for it. */
export const cheaper: Away = 'c';
/** The caller asked for somebody else: a pin, `only`, `exclude`, a switch, another task. */
export const asked: Away = 'a';
/** It could not take this request, or not soon enough, and is in order all the same; the first of several letters. */
export const unable: Away = '0';

/** Another one, which was asked beside it, answered first: as if it had been unable once before, so that a turn passes first. */
export const slower: Away = '2';

/** Between a name and the letter in the memory of a session; a letter follows it, and nothing else. */
const separator = '\n';

/** Who served a session, and why it was not the one at home. */
export type Whereabouts = { readonly candidate: string; readonly away: Away };

/** Writes who served a session as one text. */
export function writeWhereabouts({ candidate, away }: Whereabouts): string {
  return away === '' ? candidate : candidate + separator + away;
}

/** Reads it back; a text of an earlier version is a name. */
export function readWhereabouts(text: string): Whereabouts {
  return text.at(-2) === separator
    ? { candidate: text.slice(0, -2), away: text.slice(-1) }
    : { candidate: text, away: '' };
}
