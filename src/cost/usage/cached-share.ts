import { inputTotal } from '../bucket.ts';
import { readUsage, type UsageEvidence } from './read-usage.ts';

/** Reads which share of a request's input came from a cache, from 0 to 1; undefined where its usage does not say. */
export function readCachedShare(evidence: UsageEvidence): number | undefined {
  const { shares, inputKnown } = readUsage(evidence);
  const [main] = shares;
  const total = main === undefined ? 0 : inputTotal(main.counts);
  if (main === undefined || !inputKnown || total === 0) return undefined;
  const { cacheReadTokens = 0, cacheReadAudioTokens = 0, cacheReadImageTokens = 0 } = main.counts;
  return (cacheReadTokens + cacheReadAudioTokens + cacheReadImageTokens) / total;
}
