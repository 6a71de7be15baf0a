import type { Candidate, Capabilities } from '../../candidate/candidate.ts';
import type { JudgeFacts } from './capabilities.ts';

/**
 * The input, in estimated tokens, below which certainly every candidate can serve the request: `Infinity` where nothing is
 * known to speak against anybody, 0 where something may. A quick look, for requests without files.
 */
export function roomForAll({
  candidates,
  options,
  contextWindowOf,
}: Pick<JudgeFacts, 'options' | 'contextWindowOf'> & {
  readonly candidates: ReadonlyArray<Candidate>;
}): number {
  let room = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const { capabilities, settings } = candidate;
    const output = settings?.maxOutputTokens ?? options.maxOutputTokens ?? 0;
    if (capabilities !== undefined && mayLack({ candidate, capabilities, options, output })) return 0;
    const window = capabilities?.contextWindow ?? contextWindowOf(candidate);
    if (window !== undefined) room = Math.min(room, window - output);
  }
  return room;
}

/** True where a request without files may ask for something that the candidate is declared without. */
function mayLack({
  candidate: { settings },
  capabilities: { tools, toolChoice, jsonSchema, reasoning, maxOutputTokens },
  options,
  output,
}: Pick<JudgeFacts, 'options'> & {
  readonly candidate: Candidate;
  readonly capabilities: Capabilities;
  readonly output: number;
}): boolean {
  return (
    (maxOutputTokens !== undefined && output > maxOutputTokens) ||
    (reasoning === false && (settings?.reasoning ?? options.reasoning) !== undefined) ||
    ((tools === false || toolChoice === false) && options.tools !== undefined) ||
    (jsonSchema === false && options.responseFormat?.type === 'json')
  );
}
