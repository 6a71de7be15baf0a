import type { EstimateTokens } from '../estimate/estimate-input.ts';
import type { PriceFinder } from '../price/price-finder.ts';
import type { Observation } from '../seen/observation.ts';
import type { MeterEnd, PricedCall, PricedModel } from './meter.ts';
import type { WarnOnce } from './warnings.ts';

/** Everything that is known of an attempt when it is priced. */
export type Settling = {
  readonly model: PricedModel;
  readonly callOptions: PricedCall['callOptions'];
  readonly observation: Observation;
  readonly end: MeterEnd;
  /** When the attempt started: the moment its price must hold for. */
  readonly atMs: number;
  readonly finder: PriceFinder;
  readonly preferUserPrice: boolean;
  readonly estimatorOf: (model: { readonly modelId: string }) => EstimateTokens;
  readonly warnOnce: WarnOnce;
};
