export type { Meter, MeterEnd, PricedCall, PricedModel } from './attempt/meter.ts';
export type { CostWarning } from './attempt/warnings.ts';
export type { CostMiddlewareSettings } from './bill-calls.ts';
export { createPriceCatalog, type PriceCatalog } from './catalog/catalog.ts';
export type { CatalogMiss, CatalogPrice, CatalogQuery } from './catalog/catalog-price.ts';
export type { CatalogSource } from './catalog/newer-list.ts';
export type { PriceList } from './catalog/price-list.ts';
export type { Cost, CostFlag, CostSource, CostStatus, LineItem } from './cost.ts';
export { costMiddleware } from './cost-middleware.ts';
export type { CostRange } from './estimate/cost-range.ts';
export type { EstimateTokens } from './estimate/estimate-input.ts';
export type { MeasuredInput } from './estimate/measured-input.ts';
export type { WorstCase } from './estimate/worst-case.ts';
export {
  type Price,
  type Prices,
  type PriceTier,
  priceSchema,
  pricesSchema,
  type Rates,
} from './price/price.ts';
export { createPricing, type Pricing, type PricingOptions } from './pricing.ts';
export {
  type CostSnapshot,
  type CostTracker,
  type CostTrackerSettings,
  type CostWindow,
  createCostTracker,
  type TrackedAttempt,
  type TrackedCall,
} from './total/cost-tracker.ts';
export { formatUsd } from './total/format-usd.ts';
export { addCosts, type CostTotal } from './total/total.ts';
