import type { CallDefaults } from '../../src/candidate/call-options.ts';
import type { Candidate, Capabilities } from '../../src/candidate/candidate.ts';
import { stampOf } from '../../src/fallback/history/stamp.ts';
import { scriptedModel } from '../fallback/scripted-model.ts';

/** A candidate as plain as it can be, with two attempts. */
export function candidateOf({
  name,
  provider,
  capabilities,
  settings,
}: {
  readonly name: string;
  readonly provider?: string | undefined;
  readonly capabilities?: Capabilities | undefined;
  readonly settings?: CallDefaults | undefined;
}): Candidate {
  const model = scriptedModel({
    id: name,
    turns: [{ text: ['ok'] }],
    ...(provider !== undefined && { provider }),
  });
  return {
    name,
    stamp: stampOf(name),
    model,
    identity: model,
    attempts: 2,
    timeouts: {
      totalMs: 1_000,
      attemptMs: 1_000,
      firstChunkMs: { usualMs: 1_000, thinkingMs: 1_000 },
      chunkMs: { insideTextMs: 1_000, elsewhereMs: 1_000 },
      unreadMs: 300_000,
    },
    ...(capabilities !== undefined && { capabilities }),
    ...(settings !== undefined && { settings }),
  };
}
