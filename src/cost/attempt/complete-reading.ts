import { thinksInSecret } from '../../provider/thinks-in-secret.ts';
import { createInputEstimate } from '../estimate/estimate-input.ts';
import { estimateText } from '../estimate/estimate-text.ts';
import type { Reading } from '../usage/reading.ts';
import type { Evidence } from './evidence.ts';
import type { Settling } from './settling.ts';
import { missingUsageMessage } from './warnings.ts';

/** A reading with estimates where nothing was reported. */
export function completeReading({
  settling,
  evidence: { isCut, isWireEarly, served },
  reading,
}: {
  readonly settling: Settling;
  readonly evidence: Evidence;
  readonly reading: Reading;
}): Reading {
  const { call: model, seen, warnOnce, estimatorOf, end } = settling;
  if (reading.inputKnown && reading.outputKnown && !isCut) return reading;
  const flags = [...reading.flags];
  if (isCut) flags.push('output-incomplete');
  if (!reading.outputKnown && !isCut && end.outcome === 'success')
    warnOnce({
      type: 'missing-usage',
      provider: model.provider,
      modelId: model.modelId,
      tell: () => missingUsageMessage({ ...model, isStream: seen.finish !== undefined }),
    });
  const [first = { counts: {} }, ...rest] = reading.shares;
  let counts = first.counts;
  if (!reading.inputKnown) {
    flags.push('input-estimated');
    counts = {
      ...counts,
      inputTokens: createInputEstimate(model.callOptions).tokens(estimatorOf(model)),
    };
  }
  const { outputTokens = 0, reasoningTokens = 0 } = counts;
  const isOutputOpen =
    !reading.outputKnown || (isCut && (isWireEarly || outputTokens + reasoningTokens === 0));
  if (isOutputOpen && (seen.hasOutput || !reading.outputKnown)) {
    const estimateTokens = estimatorOf(model);
    const text = estimateText({ text: seen.text, estimateTokens });
    flags.push('output-estimated');
    if (hasHiddenThoughts({ modelId: model.modelId, served })) flags.push('reasoning-unseen');
    counts = {
      ...counts,
      outputTokens: Math.max(outputTokens, text),
      reasoningTokens: Math.max(reasoningTokens, estimateText({ text: seen.reasoning, estimateTokens })),
    };
  }
  return { ...reading, shares: [{ ...first, counts }, ...rest], flags };
}

/** The id that was asked for may be the name of a deployment; the one that answered tells the model. */
function hasHiddenThoughts({
  modelId,
  served,
}: {
  readonly modelId: string;
  readonly served: string | undefined;
}): boolean {
  return thinksInSecret({ modelId }) || (served !== undefined && thinksInSecret({ modelId: served }));
}
