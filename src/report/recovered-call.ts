import { addCosts } from '../cost/total/total.ts';
import type { RecoveredCall } from '../state/conversations/interruptions.ts';
import type { CompositeMetadata } from './report.ts';

/** So many broken calls in a row are told one by one; what those before cost is told in one sum. */
const longestChain = 8;

/** A call whose answer broke off, as the report of the one that makes up for it tells of it. */
export function recoveredCall({
  candidate,
  failureKind,
  report: { callId, cost, recovers },
}: Pick<RecoveredCall, 'candidate' | 'failureKind'> & { readonly report: CompositeMetadata }): RecoveredCall {
  const broken = { candidate, failureKind, callId };
  const chain = chainOf(recovers);
  if (chain.length < longestChain) return { ...broken, cost, ...(recovers !== undefined && { recovers }) };
  return { ...broken, cost: addCosts([cost, ...chain.flatMap(call => call.cost ?? [])]) };
}

function chainOf(call: RecoveredCall | undefined): ReadonlyArray<RecoveredCall> {
  return call === undefined ? [] : [call, ...chainOf(call.recovers)];
}
