import type { ChatStatus } from 'ai';
import { useCallback, useEffect, useState } from 'react';
import { type FaultName, faultLabels } from '@/lib/demo/faults';
import type { ProviderState } from '@/lib/demo/state';
import { formatCount } from '@/lib/format';
import { providerLabels } from '@/lib/provider-names';

const endings: Readonly<Record<NonNullable<ProviderState['latest']>, string>> = {
  open: 'is running',
  completed: 'ran to its end',
  'closed-by-client': 'was stopped by us',
  'closed-by-server': 'broke off',
};

/** Where providers are broken, and where one sees what they notice of it. */
export function FaultPanel({ isOpen, status }: { readonly isOpen: boolean; readonly status: ChatStatus }) {
  const [providers, setProviders] = useState<ReadonlyArray<ProviderState>>([]);
  const load = useCallback(async (change?: { readonly provider: string; readonly fault: string }) => {
    const init = change && { method: 'POST', body: JSON.stringify(change) };
    const response = await fetch('/api/demo', init);
    if (response.ok) setProviders(await response.json());
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer that begins or ends changes what there is to see
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), 1_500);
    return () => clearInterval(timer);
  }, [load, status]);

  return (
    <aside id="faults" className="faults" data-open={isOpen} aria-labelledby="faults-title">
      <h2 id="faults-title">Break a provider</h2>
      <p className="faults-intro">
        All three are simulated by a fault server inside this app, over real HTTP.
      </p>
      <ul>
        {providers.map(({ provider, fault, resting, requests, latest }) => (
          <li key={provider} data-fault={fault}>
            <label htmlFor={`fault-${provider}`}>
              <span className="lamp" aria-hidden="true" />
              {providerLabels[provider]}
            </label>
            <select
              id={`fault-${provider}`}
              value={fault}
              onChange={event => void load({ provider, fault: event.target.value })}
            >
              {faultNames.map(name => (
                <option key={name} value={name}>
                  {faultLabels[name]}
                </option>
              ))}
            </select>
            <p className="provider-facts">
              {requests === 0 ? 'Not asked yet' : formatCount(requests, 'request')}
              {latest !== undefined && `, the latest ${endings[latest]}`}
            </p>
            {resting.map(({ model, forMs }) => (
              <p key={model} className="resting">
                {model} is left alone for {Math.ceil(forMs / 1_000)} s
              </p>
            ))}
          </li>
        ))}
      </ul>
    </aside>
  );
}

const faultNames: ReadonlyArray<FaultName> = ['none', 'down', 'slow', 'cut-before', 'cut-after', 'key'];
