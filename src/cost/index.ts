export type { Cost, CostFlag, CostSource, CostStatus, LineItem } from './cost.ts';
export { type CostMiddlewareSettings, costMiddleware } from './cost-middleware.ts';
export { type CostSnapshot, type CostTracker, createCostTracker, type TrackedCall } from './cost-tracker.ts';
export type { EstimateTokens } from './estimate/estimate-input.ts';
export { formatUsd } from './format-usd.ts';
export { type Price, type Prices, type PriceTier, priceSchema, pricesSchema, type Rates } from './price.ts';
export {
  type CostWarning,
  createPricing,
  type Meter,
  type MeterEnd,
  type PricedModel,
  type Pricing,
  type PricingOptions,
} from './pricing.ts';
export { addCosts, type CostTotal } from './total.ts';
