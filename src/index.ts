/**
 * Many models as one: routes by task, falls back in order, knows what every call cost.
 *
 * @packageDocumentation
 */

// The model

export { type Clock, systemClock } from './boundary/clock.ts';
// Budgets
export type { BudgetKey, BudgetPeriod, BudgetRequest, BudgetSettings } from './budget/budget.ts';
export type { CompositeProviderOptions } from './call/request.ts';
export { compositeCost, compositeMetadata } from './call/results.ts';
export type { CallDefaults } from './candidate/call-options.ts';
export type { Capabilities } from './candidate/candidate.ts';
export type { MakeModel, ModelInput } from './candidate/model-input.ts';
export type { RateLimitSettings } from './candidate/rate-limit.ts';
export type { TimeoutSettings } from './candidate/timeouts.ts';
export { type CompositeModel, createComposite } from './composite.ts';
// Cost
export * from './cost/index.ts';
export type { CallPlan } from './describe/describe-call.ts';
export type { PlanOptions } from './describe/plan-options.ts';
export { BudgetExceededError } from './failure/budget-exceeded-error.ts';
export {
  AttemptTimeoutError,
  HedgeLostError,
  InvalidAnswerError,
  RouteExhaustedError,
  StreamInterruptedError,
} from './failure/errors.ts';
export type { FailedAttempt } from './failure/failed-attempt.ts';
export { classifyFailure, type Failure } from './failure/failure.ts';
export type { FailureKind } from './failure/failure-kind.ts';
// Fallback
export type { BackoffSettings } from './fallback/backoff.ts';
export { all, any, not } from './fallback/conditions/combine.ts';
export type {
  CheckName,
  FailureContext,
  FallbackCondition,
  HeldUntil,
  Judgement,
  Need,
  Verdict,
} from './fallback/conditions/condition.ts';
export { type IsAnswerOptions, isAnswer } from './fallback/conditions/is-answer.ts';
export type {
  AnswerPredicate,
  JudgedAnswer,
  JudgedFile,
  JudgedToolCall,
  Refusal,
} from './fallback/conditions/judged-answer.ts';
export {
  isContentFilter,
  isContextLength,
  isCutByLength,
  isEmptyAnswer,
  isInvalidOutput,
  isInvalidToolCall,
  isKind,
  isOverloaded,
  isRateLimit,
  isRefusal,
  isServerError,
  isTimeout,
} from './fallback/conditions/ready-made.ts';
export type { Recover } from './fallback/recover.ts';
export { compositeMiddleware } from './middleware.ts';
// Report
export type {
  AttemptEndEvent,
  AttemptStartEvent,
  BudgetStanding,
  CallEndEvent,
  CallObservers,
  CallStartEvent,
  CreateEvent,
  Observers,
} from './report/events.ts';
export type {
  AttemptReport,
  ClassificationReport,
  CompositeMetadata,
  Recovered,
  RecoveredPart,
  RecoveryWay,
  SkippedCandidate,
  TokenCounts,
} from './report/report.ts';
// Route
export type { Affinity, ReturnWhen } from './route/affinity/affinity.ts';
export type { AwayReason } from './route/affinity/homecoming.ts';
export type { ClassifierCall } from './route/classify/classifier-call.ts';
export type {
  ClassifyByExamplesSettings,
  ClassifyWithDecisionSettings,
  ClassifyWithModelSettings,
  DecisionModelLike,
  EmbeddingModelLike,
} from './route/classify/classifier-settings.ts';
export { classifyByExamples } from './route/classify/classify-by-examples.ts';
export { type ClassifyRule, classifyByRules } from './route/classify/classify-by-rules.ts';
export type { ClassifyRequest } from './route/classify/classify-request.ts';
export { classifyWithDecision } from './route/classify/classify-with-decision.ts';
export { classifyWithModel } from './route/classify/classify-with-model.ts';
export type { Classification, Classify, ClassifyAnswer } from './route/classify/task.ts';
export type { Order, WeightOrder } from './route/order/order.ts';
export type { OrderContext, OrderFunction } from './route/order/order-function.ts';
export type { OrderReason } from './route/order/ranking.ts';
export type { ScoreOrder, ScoreTerms } from './route/order/score.ts';
export type { ModelCatalog, ModelCatalogs } from './route/serve/model-catalog.ts';
export type { CandidateInput, CandidateSettings } from './settings/candidate-settings.ts';
export type { CompositeOptions } from './settings/composite-input.ts';
export type { CompositeSettings } from './settings/composite-settings.ts';
export type { AffinitySettings, RouteInput, RouteOptions } from './settings/route-options.ts';
export type { CircuitBreakerSettings } from './state/breakers/breaker-settings.ts';
export type { CircuitState } from './state/breakers/circuit-breaker.ts';
export type { RetryBudgetSettings } from './state/breakers/retry-budget.ts';
export type { RecoveredCall } from './state/conversations/interruptions.ts';
export type { CandidateHealth } from './state/health.ts';
export { type MemoryStateSettings, type MemoryStore, memoryState } from './state/memory/memory-state.ts';
export type { Feedback } from './state/observed/rated-calls.ts';
export type { LearnedLimit } from './state/observed/waits.ts';
export type { StateAwayEvent, StateBackEvent } from './state/shared/outage-events.ts';
export type {
  Answer,
  Claim,
  Health,
  HoldAnswer,
  HoldRequest,
  Note,
  Observation,
  Observed,
  ProbeLease,
  Renewal,
  ScopeWindow,
  Settlement,
  Standing,
  StateStore,
} from './state/store.ts';
