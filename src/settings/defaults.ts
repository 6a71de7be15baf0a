import type { BackoffSettings } from '../fallback/backoff.ts';
import type { CircuitBreakerSettings } from '../state/breakers/breaker-settings.ts';
import type { RetryBudgetSettings } from '../state/breakers/retry-budget.ts';
import type { RouteDefaults } from './route-settings.ts';

/** Every default, once. */
export const defaults = {
  attempts: 2,
  order: 'listed',
  onExhausted: 'throw',
  affinity: { returnWhen: 'recovered' },
  timeouts: {
    totalMs: Number.POSITIVE_INFINITY,
    attemptMs: 90_000,
    firstChunkMs: { usualMs: 10_000, thinkingMs: 60_000 },
    chunkMs: { insideTextMs: 30_000, elsewhereMs: 300_000 },
    unreadMs: 300_000,
  },
  retry: { initialDelayMs: 500, maxDelayMs: 8_000, maxRetryAfterMs: 3_000 },
  retryBudget: { maxTokens: 100, tokensPerSuccess: 0.1 },
  circuitBreaker: {
    failureThreshold: 5,
    cooldownMs: 11_000,
    maxCooldownMs: 11_000,
    maxRetryAfterMs: 600_000,
  },
  /** So long nobody was answered by a candidate where one failed call opens its breaker. */
  quietMs: 3_000,
  /** The first cooldown where only the longest is set. */
  growingCooldownMs: 5_000,
  classifyTimeoutMs: 3_000,
  budgets: { warnAt: 0.8, whenStateIsAway: 'stop' },
  modelCatalogs: {},
  /** Sessions whose candidate is remembered at least, the most recent; some 100 bytes each. */
  maxSessions: 10_000,
  /** Calls for which `ai.feedback` is taken, the most recent; some 200 bytes each. */
  maxRatedCalls: 10_000,
  namespace: 'default',
} as const satisfies RouteDefaults & {
  readonly retry: BackoffSettings;
  readonly retryBudget: RetryBudgetSettings;
  readonly circuitBreaker: CircuitBreakerSettings;
  readonly quietMs: number;
  readonly growingCooldownMs: number;
  readonly classifyTimeoutMs: number;
  readonly budgets: { readonly warnAt: number; readonly whenStateIsAway: 'stop' | 'allow' };
  readonly maxSessions: number;
  readonly maxRatedCalls: number;
  readonly namespace: string;
};
