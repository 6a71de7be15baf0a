import { checkOptions, refuse } from '../boundary/check.ts';
import { type Clock, systemClock } from '../boundary/clock.ts';
import { defined } from '../boundary/defined.ts';
import type { Candidate } from '../candidate/candidate.ts';
import { createRegister } from '../candidate/model.ts';
import type { PricingOptions } from '../cost/index.ts';
import type { BackoffSettings } from '../fallback/backoff.ts';
import type { Observers } from '../report/events.ts';
import type { Classify } from '../route/classify/task.ts';
import type { OutageSettings } from '../state/shared/outage-events.ts';
import type { StateSettings } from '../state/state.ts';
import { parseSpending, type Spending } from './budget-settings.ts';
import type { CompositeSettings } from './composite-settings.ts';
import { defaults } from './defaults.ts';
import { parseObservers } from './observer-settings.ts';
import { idsFrom, randomFrom } from './own-sources.ts';
import { checkOrder, isHedge, type ParsedRoute, parseRoute } from './route-settings.ts';
import { settingsSchemas } from './settings-schema.ts';
import { parseBackoff, parseState } from './state-settings.ts';

/** Settings with every default filled in. */
export type ParsedSettings = {
  readonly routes: ReadonlyMap<string, ParsedRoute>;
  readonly defaultTask: string;
  readonly candidates: ReadonlyArray<Candidate>;
  readonly classify: Classify | undefined;
  readonly classifyTimeoutMs: number;
  readonly backoff: BackoffSettings;
  readonly state: StateSettings;
  readonly outages: OutageSettings;
  readonly pricing: PricingOptions;
  /** Undefined where nothing bounds what calls spend or ask. */
  readonly spending: Spending | undefined;
  readonly observers: ReadonlyArray<Observers>;
  readonly generateId: () => string;
  /** Ids come from a function of the user's, which is called once a call. */
  readonly hasOwnIds: boolean;
  readonly clock: Clock;
  readonly random: () => number;
};

/**
 * Parses settings and fills in every default. Throws `InvalidArgumentError` that names the option, echoes the value and says
 * the fix.
 */
export function parseSettings<TASK extends string>(input: CompositeSettings<TASK>): ParsedSettings {
  checkOptions({ schemas: settingsSchemas, needed: 'tasks', value: input, path: [] });
  const routes = parseRoutes(input);
  const candidates = [...routes.values()].flatMap(route => route.candidates);
  if (input.retry === false) checkNoRetries(candidates);
  if (input.order !== undefined) {
    const names = new Set(candidates.map(({ name }) => name));
    checkOrder({ order: input.order, names, path: [] });
  }
  const { clock = systemClock } = input;
  const backoff = parseBackoff(input);
  const pricing: PricingOptions = {
    ...defined(input.pricing),
    ...(input.prices !== undefined && { prices: input.prices }),
    now: clock.now,
    schedule: clock.schedule,
  };
  return {
    routes,
    defaultTask: parseDefaultTask({ defaultTask: input.defaultTask, routes }),
    candidates,
    classify: input.classify,
    classifyTimeoutMs: input.classifyTimeoutMs ?? defaults.classifyTimeoutMs,
    backoff,
    state: parseState({ input, backoff, routes }),
    outages: input,
    pricing,
    spending: parseSpending({
      budgets: input.budgets,
      whenStateIsAway: input.whenStateIsAway,
      candidates,
      pricing,
      defaults: defaults.budgets,
    }),
    observers: parseObservers(input),
    generateId: idsFrom(input.generateId),
    hasOwnIds: input.generateId !== undefined,
    clock,
    random: randomFrom(input.random),
  };
}

function parseRoutes(input: CompositeSettings): ReadonlyMap<string, ParsedRoute> {
  const tasks = Object.entries(input.tasks);
  if (tasks.length === 0)
    refuse({ path: ['tasks'], value: input.tasks, problem: 'must have at least one task' });
  const register = createRegister();
  const { modelCatalogs = defaults.modelCatalogs } = input;
  const attempts = input.retry === false ? 1 : defaults.attempts;
  const routes = new Map(
    tasks.map(([task, route]) => [
      task,
      parseRoute({ task, route, input, defaults: { ...defaults, attempts, modelCatalogs }, register }),
    ]),
  );
  if (isHedge(input.hedge) && [...routes.values()].every(({ candidates }) => candidates.length < 2)) {
    refuse({
      path: ['hedge'],
      value: input.hedge,
      problem: 'needs a route with a second candidate to start',
    });
  }
  return routes;
}

function parseDefaultTask({
  routes,
  defaultTask = [...routes.keys()][0] ?? '',
}: {
  readonly routes: ReadonlyMap<string, ParsedRoute>;
  readonly defaultTask: string | undefined;
}): string {
  if (!routes.has(defaultTask))
    refuse({
      path: ['defaultTask'],
      value: defaultTask,
      problem: `must be one of the tasks: ${[...routes.keys()].join(', ')}`,
    });
  return defaultTask;
}

function checkNoRetries(candidates: ReadonlyArray<Candidate>): void {
  for (const { name, attempts } of candidates) {
    if (attempts === 1) continue;
    refuse({
      path: ['retry'],
      value: false,
      problem: `asks nobody a second time, but ${name} has attempts: ${attempts}; leave one of the two out`,
    });
  }
}
