import { lastMaker } from '../fallback/history/makers.ts';
import type { FoundInterruption, RecoveredCall } from '../state/conversations/interruptions.ts';
import { promptKeys, sessionKey } from '../state/conversations/prompt-keys.ts';
import type { Composite } from './open-composite.ts';
import type { CompositeRequest } from './request.ts';

/**
 * Finds the call of this conversation that broke off a moment ago: by the very prompt, else by a history that goes on behind
 * the broken answer, else by its session. The prompt is only read while there is something to be found.
 */
export function findInterruption({
  composite: {
    state: {
      interruptions: { memory },
    },
    makers,
  },
  request: { options, sessionId },
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
}): FoundInterruption | undefined {
  if (memory === undefined || memory.isEmpty()) return undefined;
  const { prompt, abortSignal: signal } = options;
  const keys = promptKeys({ prompt, sessionId });
  const find = (key = '') => memory.find({ key, signal });

  const same = find(keys.at(-1));
  if (same !== undefined) return { candidates: same.candidates, madeUpFor: same };
  let at = prompt.length;
  while (prompt[at - 1]?.role === 'user') {
    at -= 1;
    const known = find(keys[at - 1]);
    if (known !== undefined) return { candidates: known.candidates };
  }
  const answer = prompt[at - 1];
  const known = answer?.role === 'assistant' ? find(keys[at - 2]) : undefined;
  if (answer !== undefined && known !== undefined) {
    const maker = lastMaker({ prompt: [answer], makers });
    // Somebody else's answer is whole.
    if (maker === undefined || maker.candidate === known.call.candidate)
      return { candidates: known.candidates };
  }
  const inSession = sessionId === undefined ? undefined : find(sessionKey(sessionId));
  return inSession && { candidates: inSession.candidates };
}

/** The broken call that a call makes up for, as its report tells of it; nobody else makes up for that one then. */
export function makeUp({
  composite: { state },
  request: { options },
  found: { madeUpFor },
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly found: FoundInterruption;
}): RecoveredCall | undefined {
  if (madeUpFor === undefined) return undefined;
  state.interruptions.memory?.take(madeUpFor);
  if (madeUpFor.signal === options.abortSignal) return madeUpFor.call;
  // Another signal is another request: the broken one has a result of its own, which tells its cost.
  const { cost: _cost, recovers: _recovers, ...named } = madeUpFor.call;
  return named;
}
