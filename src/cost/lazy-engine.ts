import type { Cost } from './cost.ts';
import type { Engine } from './engine.ts';
import type { LoadOutcome, LoadWait } from './load-wait.ts';

type EngineModule = typeof import('./engine.ts');

/** One for all: what is loaded is code. */
let loaded: EngineModule | undefined;

/** Loads what works costs out: no call needs it before its answer is there. */
export async function loadEngine(): Promise<void> {
  loaded ??= await import('./engine.ts');
}

/** An engine that is loaded beside the first request. */
export type LazyEngine = {
  /** Undefined while it is not loaded. */
  readonly now: () => Engine | undefined;
  /** Starts loading, unless it is there. Never throws. */
  readonly start: () => void;
  /** Waits for no longer than a call may; an engine that does not come knows no price. Never rejects. */
  readonly later: () => Promise<Engine>;
  /** Asks it now, or a promise of it later. */
  readonly ask: <ANSWER>(question: (engine: Engine) => ANSWER | Promise<ANSWER>) => ANSWER | Promise<ANSWER>;
};

/** Makes an engine once its code is loaded. */
export function createLazyEngine({
  wait,
  make,
}: {
  readonly wait: LoadWait;
  readonly make: (code: EngineModule) => Engine;
}): LazyEngine {
  let engine: Engine | undefined;
  const now = () => {
    engine ??= loaded && make(loaded);
    return engine;
  };
  const later = async (): Promise<Engine> =>
    now() ?? (await wait.wait().then(outcome => now() ?? noEngine(outcome)));
  return {
    now,
    start: () => {
      if (now() === undefined) wait.start();
    },
    later,
    ask: question => {
      const own = now();
      return own === undefined ? later().then(question) : question(own);
    },
  };
}

const hints: Readonly<Record<LoadOutcome, string>> = {
  there: 'Pricing was not loaded.',
  late: 'Pricing was not loaded in time.',
  failed: 'Pricing could not be loaded: a file of ai-composite is missing from the bundle.',
};

function noEngine(outcome: LoadOutcome): Engine {
  const cost: Cost = { status: 'unknown', lineItems: [], hint: hints[outcome] };
  return {
    settle: () => () => cost,
    estimate: ({ inputTokens, maxOutputTokens }) => ({
      ...(inputTokens !== undefined && { inputTokens }),
      maxOutputTokens,
    }),
    worstCase: () => undefined,
    cachedShare: () => undefined,
  };
}
