import { createPricing, type Pricing } from '../cost/pricing.ts';
import { type Makers, makersAmong } from '../fallback/history/makers.ts';
import type { ParsedSettings } from '../settings/settings.ts';
import { createState, type SharedState } from '../state/state.ts';

/** Parsed settings with what calls share: the state, and the prices. */
export type Composite = Omit<ParsedSettings, 'state' | 'pricing'> & {
  readonly makers: Makers;
  readonly state: SharedState;
  readonly pricing: Pricing;
};

/** Makes what the calls of a composite share, empty. */
export function openComposite(settings: ParsedSettings): Composite {
  const { candidates, clock, random, outages } = settings;
  return {
    ...settings,
    makers: makersAmong(candidates),
    state: createState({ settings: settings.state, candidates, observers: outages, clock, random }),
    pricing: createPricing(settings.pricing),
  };
}
