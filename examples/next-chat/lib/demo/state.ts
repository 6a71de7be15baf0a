import type { ProviderName } from '../provider-names';
import type { FaultName } from './faults';

/** What the panel shows of one provider. */
export type ProviderState = {
  readonly provider: ProviderName;
  readonly fault: FaultName;
  /** Models of it that the composite leaves alone for now, and for how long still. */
  readonly resting: ReadonlyArray<{ readonly model: string; readonly forMs: number }>;
  readonly requests: number;
  /** How its latest request ended. */
  readonly latest?: 'open' | 'completed' | 'closed-by-client' | 'closed-by-server';
};
