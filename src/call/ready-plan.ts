import { type CallType, optionsOnRoute } from '../candidate/call-options.ts';
import { lastMaker } from '../fallback/history/makers.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import type { Affinity, Served } from '../route/affinity/affinity.ts';
import type { ChosenTask } from '../route/classify/task.ts';
import { noWarnings } from '../route/order/ranking.ts';
import type { Plan } from '../route/plan.ts';
import { hasFiles } from '../route/serve/has-files.ts';
import { roomForAll } from '../route/serve/room.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { Composite } from './open-composite.ts';
import type { CompositeRequest } from './request.ts';

/** What planning takes. */
export type PlanOptions = {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
  readonly request: CompositeRequest;
  /** When the caller came. */
  readonly startedAtMs: number;
  /** Which speed `'fastest'` goes by; left out where nobody is called. */
  readonly type?: CallType;
};

/** Plans by the breakers' state of this moment. The first attempt must start in the same turn, or a second call could plan by the same state and probe too. */
export type PlanNow = () => Plan<ParsedRoute>;

const nothingSkipped: Plan['skipped'] = [];

/**
 * The plan of a call where nothing has changed since its route was made: no order of the call's own, nobody down, nobody
 * unable, and who served the conversation before goes first anyway. Undefined where the candidates have to be ordered.
 */
export function readyPlan({
  composite,
  request,
  startedAtMs,
  chosen: { task, source, warning, asked },
}: Pick<PlanOptions, 'composite' | 'request' | 'startedAtMs'> & { readonly chosen: ChosenTask }):
  | Plan<ParsedRoute>
  | undefined {
  const route = composite.routes.get(task);
  if (route?.listed === undefined || request.candidate !== undefined || request.allowance !== undefined)
    return undefined;
  if (!composite.state.breakers.areClosed() || hasFiles(request.options.prompt)) return undefined;
  const served = servedBefore({ composite, request, route });
  if (served !== undefined && (served.candidate !== route.candidates[0]?.name || served.away !== ''))
    return undefined;
  const options = routeOptions({ route, options: request.options });
  if (!fitsAll({ composite, route, options, startedAtMs })) return undefined;
  return {
    task,
    taskSource: source,
    route,
    options,
    steps: route.listed,
    skipped: nothingSkipped,
    ...(served !== undefined && { affinity: stayed(served) }),
    warnings: warning === undefined ? noWarnings : [warning],
    ...(asked !== undefined && { asked }),
  };
}

/** The options of a call over those of its route. */
export function routeOptions({
  route: { callOptions },
  options,
}: {
  readonly route: ParsedRoute;
  readonly options: LanguageModelV4CallOptions;
}): LanguageModelV4CallOptions {
  return callOptions === undefined ? options : optionsOnRoute({ route: callOptions, options });
}

/** True where the request is certainly not too much for anybody. */
function fitsAll({
  composite: { pricing },
  route: { candidates },
  options,
  startedAtMs,
}: Pick<PlanOptions, 'composite' | 'startedAtMs'> & {
  readonly route: ParsedRoute;
  readonly options: LanguageModelV4CallOptions;
}): boolean {
  const room = roomForAll({
    candidates,
    options,
    contextWindowOf: ({ model: { provider, modelId } }) =>
      pricing.contextWindow({ provider, modelId, atMs: startedAtMs }),
  });
  return room === Number.POSITIVE_INFINITY || (room > 0 && pricing.measureInput(options).isBelow(room));
}

function stayed({ candidate, source }: Served): Affinity {
  return { candidate, source, decision: 'stayed' };
}

/** Who served the conversation before: its history knows best, and where that shows nothing its session may be remembered. */
export function servedBefore({
  composite: {
    state: { sessions, cacheReads },
    makers,
  },
  request: { options, sessionId },
  route: { task, hasAffinity, candidates },
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
  readonly route: ParsedRoute;
}): Served | undefined {
  if (!hasAffinity) return undefined;
  const maker = lastMaker({ prompt: options.prompt, makers });
  const last = maker ?? (sessionId === undefined ? undefined : sessions.served({ task, sessionId }));
  if (last === undefined) return undefined;
  const { candidate: name, away } = last;
  const identity = candidates.find(candidate => candidate.name === name)?.identity;
  const cachedShare = identity === undefined ? undefined : cacheReads.share(identity);
  return {
    candidate: name,
    source: maker === undefined ? 'session' : 'history',
    away,
    ...(cachedShare !== undefined && { cachedShare }),
  };
}
