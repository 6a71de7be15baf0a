import type { Cost, Pricing } from '../cost/index.ts';
import type { Failure } from '../failure/failure.ts';
import { answers } from '../fallback/answers-chunk.ts';
import type { ClassificationReport } from '../report/report.ts';
import type { ClassifierCall } from '../route/classify/classifier-call.ts';
import { settleTicket } from './settle-ticket.ts';

/** Prices the request to a classifying model, for the report of the call or plan that made it. */
export function priceClassification({
  asked: { provider, modelId, callOptions, ticket, ...end },
  pricing,
  nowMs,
}: {
  readonly asked: ClassifierCall;
  readonly pricing: Pricing;
  readonly nowMs: number;
}): ClassificationReport | Promise<ClassificationReport> {
  const toReport = ([cost, failure]: readonly [Cost, Failure | undefined]): ClassificationReport => ({
    provider,
    modelId: end.responseModelId ?? modelId,
    outcome: end.outcome,
    ...(failure !== undefined && { failureKind: failure.kind }),
    ...(failure?.statusCode !== undefined && { statusCode: failure.statusCode }),
    cost,
  });
  const { outcome, error } = end;
  const failure =
    outcome === 'failure' && error !== undefined ? failureOf({ error, nowMs, provider }) : undefined;
  const cost = pricing.meter({ provider, modelId, callOptions }).settle(end);
  if (ticket !== undefined) settleTicket({ ticket, cost, end });
  return cost instanceof Promise || failure instanceof Promise
    ? Promise.all([cost, failure]).then(toReport)
    : toReport([cost, failure]);
}

/** What the failure is; a promise only while the code that tells it is loading. Never rejects. */
function failureOf(
  failed: Parameters<typeof import('../failure/failure.ts').classifyFailure>[0],
): Failure | Promise<Failure> {
  const code = answers.now();
  if (code !== undefined) return code.classifyFailure(failed);
  return answers.load().then(
    ({ classifyFailure }) => classifyFailure(failed),
    () => ({ kind: 'unknown', error: failed.error }),
  );
}
