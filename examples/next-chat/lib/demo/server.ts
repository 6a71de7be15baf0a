import type { Fault, FaultServer, ReceivedRequest, Reply } from 'ai-composite/testing';
import { type ProviderName, providerNames } from '../provider-names';
import { answerTo } from './answers';
import type { FaultName } from './faults';

/** The fault server, and what is wrong with each provider on it. */
type Demo = { readonly server: FaultServer; readonly faults: Map<ProviderName, FaultName> };

declare global {
  var demo: Promise<Demo> | undefined;
}

/** Starts the fault server with the first call; it lives as long as the process. */
export function demoServer(): Promise<Demo> {
  globalThis.demo ??= start();
  return globalThis.demo;
}

async function start(): Promise<Demo> {
  const { createFaultServer, fault, respond } = await import('ai-composite/testing');
  const server = await createFaultServer();
  const faults = new Map<ProviderName, FaultName>();

  const replies: Readonly<Record<FaultName, (request: ReceivedRequest) => Reply>> = {
    none: request => answer({ request }),
    down: () => respond.error({ kind: 'overloaded' }),
    slow: request => answer({ request, faults: [fault.pause({ after: 0, until: 20_000 })] }),
    'cut-before': request => answer({ request, faults: [fault.cut({ after: 'preamble', until: 250 })] }),
    'cut-after': request => answer({ request, faults: [fault.cut({ after: 12, until: 250 })] }),
    key: () => respond.error({ kind: 'auth' }),
  };
  const answer = ({
    request,
    faults: own = [],
  }: {
    readonly request: ReceivedRequest;
    readonly faults?: ReadonlyArray<Fault>;
  }) => respond.answer({ ...answerTo(request), faults: [paced, ...own] });

  for (const name of providerNames)
    server.account(name).script(request => replies[faults.get(name) ?? 'none'](request));
  return { server, faults };
}

/** Writes as fast as a model does: a moment of thought, then word after word. */
const paced: Fault = ({ wire }) => {
  let isFirst = true;
  return {
    ...wire,
    steps: wire.steps.flatMap(step => {
      if (step.type !== 'write' || step.role !== 'text') return [step];
      const until = isFirst ? 320 : 18;
      isFirst = false;
      return [{ type: 'pause', until }, step];
    }),
  };
};
