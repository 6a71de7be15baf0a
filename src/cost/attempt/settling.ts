import type { CatalogPrice, Found } from '../catalog/catalog-price.ts';
import type { EstimateTokens } from '../estimate/estimate-input.ts';
import type { PriceFinder } from '../price/price-finder.ts';
import type { Seen } from '../seen/observation.ts';
import type { Reading } from '../usage/reading.ts';
import type { ServedUnder } from '../usage/served-under.ts';
import type { ToolUses } from '../usage/tool-uses.ts';
import type { MeterEnd, PricedCall } from './meter.ts';
import type { WarnOnce } from './warnings.ts';

/** What was seen of an attempt from its start to its end. */
export type EndedAttempt = {
  readonly call: PricedCall;
  readonly seen: Readonly<Seen>;
  readonly end: MeterEnd;
  /** When the attempt started: the moment its price must hold for. */
  readonly atMs: number;
};

/** An attempt with everything that is needed to price it. */
export type Settling = EndedAttempt & {
  readonly finder: PriceFinder;
  readonly preferUserPrice: boolean;
  readonly estimatorOf: (model: { readonly modelId: string }) => EstimateTokens;
  readonly warnOnce: WarnOnce;
};

/** What an attempt is billed for: a few numbers and the prices of its moment, nothing of what was said. */
export type Bill = {
  readonly provider: string;
  /** The model that answered, else the requested one. */
  readonly modelId: string;
  readonly reading: Reading;
  readonly tools: ToolUses;
  readonly under: ServedUnder;
  /** The price of the model itself. */
  readonly main: CatalogPrice;
  /** Of each share of the reading. */
  readonly prices: readonly Found[];
};
