import { type CallType, optionsFor } from '../candidate/call-options.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { thinksFirst } from '../fallback/limits/first-chunk-limit.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import { isByScore } from '../route/order/order.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import { type Merits, unseen } from '../state/observed/merits.ts';
import type { Composite } from './open-composite.ts';

/** What the candidates of a route have shown, where its order goes by that. */
export function meritsOn({
  composite: {
    state: { observed },
  },
  route,
  options,
  type,
}: {
  readonly composite: Composite;
  readonly route: ParsedRoute;
  /** Those of the call on its route. */
  readonly options: LanguageModelV4CallOptions;
  /** How it is sent; undefined where nobody is called. */
  readonly type: CallType | undefined;
}): (candidate: Candidate) => Merits {
  const { order, task } = route;
  const records = isByScore(order) ? observed?.now()?.records : undefined;
  if (records === undefined || !isByScore(order)) return () => unseen;
  return candidate =>
    records.merits({
      identity: candidate.identity,
      task,
      deadlineMs: order.deadlineMs,
      type,
      isThinking: thinksFirst({ candidate, options: optionsFor({ candidate, options }) }),
    });
}
