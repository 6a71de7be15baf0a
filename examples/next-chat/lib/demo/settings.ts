import type { ProviderName } from '../provider-names';
import { demoServer } from './server';

/** Settings with which a provider package talks to the fault server instead of its service. */
export function demoSettings(name: ProviderName): {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly fetch: typeof fetch;
} {
  return { apiKey: 'demo', baseURL: `http://demo.invalid/${name}`, fetch: fetchFromDemo };
}

/** The server starts with the first request, at a port that nobody knows before: so the address is filled in here. */
const fetchFromDemo: typeof fetch = async (input, init) => {
  const { pathname, search } = new URL(input instanceof Request ? input.url : input);
  const { url } = (await demoServer()).server;
  return fetch(`${url}${pathname}${search}`, init);
};
