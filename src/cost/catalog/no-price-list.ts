import type { PriceList } from './price-list.ts';

const fix =
  "import { priceList } from 'ai-composite/price-list' and set pricing: { catalog: createPriceCatalog({ list: priceList }) }";
const refuse = async (): Promise<never> => {
  throw new TypeError(
    `A bundle for a browser or an edge runtime has no price list unless it asks for one, so there is nothing to refresh. ${fix}.`,
  );
};

/** Stands in for the list in bundles that did not ask for it: it knows no price, and says how to ask. */
export const priceList: PriceList = {
  load: async newer => {
    if (newer !== undefined) return refuse();
    return {
      find: () => ({ why: `this bundle did not ask for the price list: ${fix}` }),
      list: () => [],
    };
  },
  newestUrl: refuse,
};
