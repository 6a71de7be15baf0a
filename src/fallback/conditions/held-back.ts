import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { FallbackCondition, HeldUntil, Need } from './condition.ts';

/** How far streams are held back, and which judgements need it. */
export type HeldBack = { readonly until: HeldUntil; readonly by: ReadonlyArray<string> };

/** From the least to the most. */
export const inOrder: ReadonlyArray<HeldUntil> = ['output', 'calls', 'finish'];

/** How far the answer to a request is held back for these conditions: as far as one of them needs. Undefined where none does. */
export function heldBack({
  conditions,
  options,
}: {
  readonly conditions: ReadonlyArray<FallbackCondition>;
  readonly options: Pick<LanguageModelV4CallOptions, 'responseFormat' | 'tools'>;
}): HeldBack | undefined {
  if (conditions.length === 0) return undefined;
  const needs = needsOf(conditions).filter(({ only }) => only === undefined || isOf({ only, options }));
  const until = inOrder.findLast(own => needs.some(need => need.until === own));
  return until === undefined ? undefined : { until, by: [...new Set(needs.map(({ by }) => by))] };
}

/** What conditions must see of answers, whatever the request. */
export function needsOf(conditions: ReadonlyArray<FallbackCondition>): ReadonlyArray<Need> {
  return conditions.flatMap(({ judgement }) => judgement?.needs ?? []);
}

function isOf({
  only,
  options: { responseFormat, tools },
}: {
  readonly only: 'json' | 'tools';
  readonly options: Pick<LanguageModelV4CallOptions, 'responseFormat' | 'tools'>;
}): boolean {
  return only === 'json' ? responseFormat?.type === 'json' : tools !== undefined && tools.length > 0;
}
