import { ai } from '@/lib/ai';
import { isFaultName } from '@/lib/demo/faults';
import { demoServer } from '@/lib/demo/server';

import type { ProviderState } from '@/lib/demo/state';
import { providerNames } from '@/lib/provider-names';
import { isDemo } from '@/lib/providers';

const maxRequestsKept = 200;

/** The providers as the panel shows them. */
export async function GET(): Promise<Response> {
  if (!isDemo) return new Response('Not found', { status: 404 });
  return Response.json(await providerStates());
}

/** Breaks or repairs a provider: `{ provider, fault }`. */
export async function POST(req: Request): Promise<Response> {
  if (!isDemo) return new Response('Not found', { status: 404 });
  const { provider, fault }: { readonly provider?: unknown; readonly fault?: unknown } = await req.json();
  const name = providerNames.find(own => own === provider);
  if (name === undefined || !isFaultName(fault)) return new Response('Bad request', { status: 400 });
  const { faults } = await demoServer();
  faults.set(name, fault);
  // Whoever changes a provider wants to see the next call go there, not that the composite has learned to go around it.
  for (const { candidate } of ai.health()) if (candidate.startsWith(`${name}/`)) ai.reset(candidate);
  return Response.json(await providerStates());
}

async function providerStates(): Promise<ReadonlyArray<ProviderState>> {
  const { server, faults } = await demoServer();
  if (server.requests.length > maxRequestsKept) server.forgetRequests();
  const health = ai.health();
  return providerNames.map(provider => {
    const { requests } = server.account(provider);
    const latest = requests.at(-1)?.outcome;
    return {
      provider,
      fault: faults.get(provider) ?? 'none',
      resting: health.flatMap(({ candidate, ...circuit }) =>
        candidate.startsWith(`${provider}/`) &&
        circuit.openUntilMs !== undefined &&
        circuit.openUntilMs > Date.now()
          ? [{ model: candidate.slice(provider.length + 1), forMs: circuit.openUntilMs - Date.now() }]
          : [],
      ),
      requests: requests.length,
      ...(latest !== undefined && { latest }),
    };
  });
}
