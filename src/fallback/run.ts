import type { CallType } from '../candidate/call-options.ts';
import type { FailedAttempt } from '../failure/errors.ts';
import type { Call } from './attempt.ts';
import { hedge } from './hedge.ts';
import { type Send, type Step, tryStep } from './step.ts';

/**
 * Runs a plan: asks candidate after candidate until one answers. The only loop over candidates in the library.
 *
 * Rejects with the caller's abort reason, trying nothing more, or with `RouteExhaustedError`. The first request leaves
 * before it returns, so that a plan and its first attempt see the same circuit breakers.
 */
export async function runPlan<ANSWER>({
  call,
  steps,
  type,
  send,
}: {
  readonly call: Call;
  readonly steps: ReadonlyArray<Step>;
  readonly type: CallType;
  readonly send: Send<ANSWER>;
}): Promise<ANSWER> {
  const failed: FailedAttempt[] = [];
  const waiting = [...steps];
  const isLast = () => waiting.length === 0;
  const next = () => waiting.shift();
  let reason: string | undefined;

  for (let step = next(); step !== undefined; step = next()) {
    const run = (options: { readonly step: Step; readonly signal: AbortSignal | undefined }) =>
      tryStep({ call, type, send, failed, isLast, ...options });
    const end =
      call.hedgeAfterMs === undefined
        ? await run({ step, signal: call.options.abortSignal })
        : await hedge({ call, afterMs: call.hedgeAfterMs, step, next, run });
    if (end.type === 'answer') return end.answer;
    if (end.type === 'stop') {
      reason = end.reason;
      break;
    }
  }
  throw await call.exhausted({ attempts: failed, reason });
}
