import type { Pricing } from '../cost/index.ts';
import { classifyFailure } from '../failure/failure.ts';
import type { ClassificationReport } from '../report/report.ts';
import type { ClassifierCall } from '../route/task.ts';

/** Prices the request to a classifying model, for the report of the call or plan that made it. */
export function priceClassification({
  asked: { provider, modelId, callOptions, ...end },
  pricing,
  nowMs,
}: {
  readonly asked: ClassifierCall;
  readonly pricing: Pricing;
  readonly nowMs: number;
}): ClassificationReport | Promise<ClassificationReport> {
  const failure =
    end.outcome === 'failure' && end.error !== undefined
      ? classifyFailure({ error: end.error, nowMs, provider })
      : undefined;
  const toReport = (cost: ClassificationReport['cost']): ClassificationReport => ({
    provider,
    modelId: end.responseModelId ?? modelId,
    outcome: end.outcome,
    ...(failure !== undefined && { failureKind: failure.kind }),
    ...(failure?.statusCode !== undefined && { statusCode: failure.statusCode }),
    cost,
  });
  const cost = pricing.meter({ provider, modelId, callOptions }).settle(end);
  return cost instanceof Promise ? cost.then(toReport) : toReport(cost);
}
