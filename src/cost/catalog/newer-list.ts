import * as z from 'zod/v4';
import { refuse } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import type { Listing } from './listing.ts';
import type { PriceList } from './price-list.ts';

/** Where new prices come from: a place that the user names, nothing else. */
export type CatalogSource =
  /** The newest list of the genai-prices project, fetched once, now, from where its package says it is published. */
  | 'genai-prices'
  | {
      /** Fetched once, now; JSON in the format of genai-prices (`data.json`). */
      readonly url: string;
      /** Sends the request; default: the global `fetch`. */
      readonly fetch?: typeof fetch;
    }
  | {
      /** Called once, now; returns what such a file holds. */
      readonly source: () => unknown;
    };

const providersSchema = lazily(() =>
  z
    .array(
      z.looseObject({
        id: z.string(),
        models: z.array(
          z.looseObject({ id: z.string(), match: z.record(z.string(), z.unknown()), prices: z.unknown() }),
        ),
      }),
    )
    .refine(providers => providers.some(({ models }) => models.length > 0), { error: 'has no models' }),
);

/** Loads a list from a place that the user names; all of it or nothing. */
export async function loadNewerList({
  from,
  list,
  nowMs,
}: {
  readonly from: CatalogSource;
  readonly list: PriceList;
  readonly nowMs: number;
}): Promise<{ readonly listing: Listing; readonly models: number }> {
  const { data: providers, error } = providersSchema().safeParse(await read({ from, list }));
  if (providers === undefined) {
    const [issue] = error.issues;
    throw new TypeError(
      `The price list is not in the genai-prices format: ${issue?.path.map(String).join('.') || 'it'} ${issue?.message}. The old prices stay.`,
    );
  }
  const listing = await list.load({ providers, priceDate: new Date(nowMs).toISOString().slice(0, 10) });
  return { listing, models: providers.reduce((sum, { models }) => sum + models.length, 0) };
}

async function read({
  from,
  list,
}: {
  readonly from: CatalogSource;
  readonly list: PriceList;
}): Promise<unknown> {
  if (from === 'genai-prices') return fetchJson({ url: await list.newestUrl() });
  if (typeof from === 'object' && from !== null && 'url' in from && typeof from.url === 'string')
    return fetchJson(from);
  if (typeof from === 'object' && from !== null && 'source' in from && typeof from.source === 'function')
    return from.source();
  return refuse({
    path: ['refresh'],
    value: from,
    problem: "must be 'genai-prices', { url } or { source }, a function that returns the list",
  });
}

async function fetchJson({
  url,
  fetch: send = fetch,
}: {
  readonly url: string;
  readonly fetch?: typeof fetch;
}): Promise<unknown> {
  const response = await send(url);
  if (!response.ok)
    throw new TypeError(`The price list at ${url} answered ${response.status}. The old prices stay.`);
  return response.json();
}
