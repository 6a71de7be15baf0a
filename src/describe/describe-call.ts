import { costOf } from '../budget/demand.ts';
import { priceClassification } from '../call/classification.ts';
import { demandOf } from '../call/demand.ts';
import { learnedLimits } from '../call/learned-limits.ts';
import type { Composite } from '../call/open-composite.ts';
import { planCall } from '../call/prepare-plan.ts';
import { readRequest } from '../call/request.ts';
import { loadSpending } from '../call/spending-chunk.ts';
import { optionsFor } from '../candidate/call-options.ts';
import { type Candidate, pricedCall } from '../candidate/candidate.ts';
import type { RateLimitSettings } from '../candidate/rate-limit.ts';
import type { CostRange, MeasuredInput } from '../cost/index.ts';
import { type Usd, usdFromAtto } from '../cost/total/money.ts';
import { type HeldBack, heldBack } from '../fallback/conditions/held-back.ts';
import { wayOf } from '../fallback/continue/declared-way.ts';
import type { LearnedLimits } from '../fallback/limits/learned-limits.ts';
import type { Recover } from '../fallback/recover.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import type { BudgetStanding } from '../report/events.ts';
import type { ClassificationReport, RecoveryWay, SkippedCandidate } from '../report/report.ts';
import type { Affinity } from '../route/affinity/affinity.ts';
import type { ChosenTask } from '../route/classify/task.ts';
import type { ScoreTerms } from '../route/order/score.ts';
import type { Plan } from '../route/plan.ts';
import type { PlannedStep } from '../route/planned-step.ts';
import type { ParsedRoute } from '../settings/route-settings.ts';
import type { LearnedLimit } from '../state/observed/waits.ts';
import { type PlanOptions, toCallOptions } from './plan-options.ts';

/** The plan of a call as plain data. */
export type CallPlan = {
  readonly task: string;
  /** How the task was found. */
  readonly taskSource: ChosenTask['source'];
  /** The candidates in the order in which they would be asked. */
  readonly steps: ReadonlyArray<{
    readonly candidate: string;
    readonly provider: string;
    readonly modelId: string;
    readonly maxAttempts: number;
    /** Why it stands there. */
    readonly reason: PlannedStep['reason'];
    /** What it was ordered by: USD for `'cheapest'` and a score, milliseconds for `'fastest'`, requests for `'least-busy'`, its weight for weights. */
    readonly score?: number;
    /** What its score is made of; left out where the route does not go by a score. */
    readonly terms?: ScoreTerms;
    /** How long a stream may take to its first output; left out where that limit is not `'adaptive'`. */
    readonly firstChunk?: LearnedLimit;
    /**
     * How long it may stay silent before the next one is asked beside it, for a stream; left out where that is not `'adaptive'`.
     * Where nothing was learned yet it is the limit at which the next one is asked in its place.
     */
    readonly hedge?: LearnedLimit;
    /** How it would go on with an answer that broke off; left out where the route continues none. */
    readonly recovery?: RecoveryWay;
    /** What one attempt may cost: the input alone, and with the longest output. */
    readonly cost: CostRange;
    /**
     * What its budgets would hold for it, which is the most that it can cost, and how many tokens of output are in that; left out
     * where there are no budgets, or no price is known.
     */
    readonly hold?: Usd & { readonly outputTokens: number };
    /** Left out where it has none. */
    readonly rateLimit?: RateLimitSettings;
  }>;
  /** Where the budgets stand that this call counts for; left out where there are none. */
  readonly budgets?: ReadonlyArray<BudgetStanding>;
  readonly skipped: ReadonlyArray<SkippedCandidate>;
  /** What is done about a stream that breaks after its first output; left out where it is shown as an error. */
  readonly recover?: Recover;
  /**
   * How far its streams are held back for the judgements of `fallbackWhen`, and for which: `output` until the first text, tool
   * call or file, `calls` also an answer that begins with a tool call until its finish, `finish` all of them. Left out where
   * nothing is.
   */
  readonly held?: HeldBack;
  /** What is delivered where no answer passes; left out where the call fails then. */
  readonly onExhausted?: 'best';
  /** Whether the conversation stays on the candidate that served it before; left out where none is known. */
  readonly affinity?: Affinity;
  /** Attempts that this call can make at most; one of a candidate that is a composite counts as one, whatever it asks in turn. */
  readonly maxAttempts: number;
  /** Warnings of routing, such as an unknown name, or a request that nobody is known to be able to serve. */
  readonly warnings: ReadonlyArray<string>;
  /** The request to a classifying model that planning made; left out where none was asked, or its answer was remembered. */
  readonly classification?: ClassificationReport;
};

/** Tells what a call with these options would do; nobody is asked but the classifier. */
export async function describeCall({
  composite,
  options: asked,
}: {
  readonly composite: Composite;
  readonly options: PlanOptions;
}): Promise<CallPlan> {
  const options = await toCallOptions(asked);
  const { pricing, candidates } = composite;
  // A plan tells what its candidates cost, which takes a provider and a model id.
  for (const { prepare } of candidates) prepare?.();
  // Unlike a call, a plan waits for what the catalog says, so that the first one is like the others.
  await Promise.all(candidates.map(candidate => pricing.prepared(pricedCall({ candidate, options }))));
  const request = readRequest(options);
  const plan = await planCall({
    composite,
    pinnedTask: undefined,
    request,
    startedAtMs: composite.clock.now(),
  });
  const { task, taskSource, skipped, affinity, warnings, asked: classified } = plan;
  const input = pricing.measureInput(plan.options);
  const held = heldBack({ conditions: plan.route.conditions, options: plan.options });
  const learned = learnedLimits({ composite, options: plan.options });
  return {
    task,
    taskSource,
    steps: await Promise.all(
      plan.steps.map(async ({ candidate, maxAttempts, reason, score, terms }) => ({
        candidate: candidate.name,
        provider: candidate.model.provider,
        modelId: candidate.model.modelId,
        maxAttempts,
        reason,
        ...(score !== undefined && { score }),
        ...(terms !== undefined && { terms }),
        ...learnedFor({ learned, candidate, plan }),
        ...(plan.route.recover === 'continue' && {
          recovery: wayOf({ candidate, options: plan.options }),
        }),
        cost: await pricing.estimate({
          call: pricedCall({ candidate, options: plan.options }),
          input,
        }),
        ...(candidate.rateLimit !== undefined && { rateLimit: candidate.rateLimit }),
        ...(await holdOf({ composite, candidate, options: plan.options, input })),
      })),
    ),
    ...(composite.spending !== undefined && {
      budgets: await (await loadSpending(composite)).standingsFor({ composite, request, task }),
    }),
    skipped,
    ...(plan.route.recover !== undefined && { recover: plan.route.recover }),
    ...(held !== undefined && { held }),
    ...(plan.route.onExhausted === 'best' && { onExhausted: plan.route.onExhausted }),
    ...(affinity !== undefined && { affinity }),
    maxAttempts: plan.steps.reduce((sum, step) => sum + step.maxAttempts * turnsOf({ plan, step }), 0),
    warnings,
    ...(classified !== undefined && {
      classification: await priceClassification({ asked: classified, pricing, nowMs: composite.clock.now() }),
    }),
  };
}

/** The limits of a candidate that go by what was observed of it. */
function learnedFor({
  learned,
  candidate,
  plan: { route, options: own },
}: {
  readonly learned: LearnedLimits | undefined;
  readonly candidate: Candidate;
  readonly plan: Plan<ParsedRoute>;
}): Pick<CallPlan['steps'][number], 'firstChunk' | 'hedge'> {
  if (learned === undefined) return {};
  const options = optionsFor({ candidate, options: own });
  const firstChunk = learned.firstChunk({ candidate, options });
  return {
    ...(firstChunk !== undefined && { firstChunk }),
    ...(route.hedgeAfterMs === 'adaptive' && {
      hedge: learned.hedge({ candidate, options, type: 'stream' }),
    }),
  };
}

/** How often a candidate's turn may come: again where it goes on with a broken answer behind a hedge, or its prefill is refused. */
function turnsOf({
  plan: { route, steps, options },
  step: { candidate },
}: {
  readonly plan: Plan<ParsedRoute>;
  readonly step: PlannedStep;
}): number {
  if (route.recover !== 'continue') return 1;
  const isHedged = route.hedgeAfterMs !== undefined;
  const mayContinue = isHedged || candidate !== steps[0]?.candidate;
  const isPrefilled = mayContinue && wayOf({ candidate, options }) === 'prefill';
  return 1 + (isHedged ? 1 : 0) + (isPrefilled ? 1 : 0);
}

/** What the budgets would hold for a request. */
async function holdOf({
  composite: { pricing, spending: own },
  ...request
}: {
  readonly composite: Composite;
  readonly candidate: Candidate;
  readonly options: LanguageModelV4CallOptions;
  readonly input: MeasuredInput;
}): Promise<Pick<CallPlan['steps'][number], 'hold'>> {
  const demand = own && (await demandOf({ ...request, pricing }));
  if (demand === undefined) return {};
  const outputTokens = demand.longest;
  return { hold: { ...usdFromAtto(costOf({ demand, outputTokens })), outputTokens } };
}
