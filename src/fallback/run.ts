import type { CallType } from '../candidate/call-options.ts';
import type { Call } from './attempt.ts';
import { hedge, hedgeDelay } from './hedge.ts';
import { nextStep, type Run, type Send, type Step } from './step.ts';
import { tryStep } from './try-step.ts';

/**
 * Runs a plan: asks candidate after candidate until one answers. The only loop over candidates in the library.
 *
 * Rejects with the caller's abort reason, trying nothing more, or with `RouteExhaustedError`, unless the route has the least
 * bad answer delivered then. The first request leaves
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
  const run: Run<ANSWER> = {
    call,
    type,
    send,
    steps,
    begun: 0,
    failed: [],
    best: undefined,
    whenKept: undefined,
  };
  let reason: string | undefined;

  for (let step = nextStep(run); step !== undefined; step = nextStep(run)) {
    const afterMs = call.hedgeAfterMs === 'adaptive' ? hedgeDelay({ run, step }) : call.hedgeAfterMs;
    const end =
      afterMs === undefined
        ? await tryStep({ run, step, signal: call.options.abortSignal })
        : await hedge({ run, step, afterMs });
    if (end.type === 'answer') return end.answer;
    if (end.type === 'stop') {
      reason = end.reason;
      break;
    }
  }
  const { abortSignal } = call.options;
  // A condition or an observer of the last failure may have aborted the call.
  if (abortSignal?.aborted) throw abortSignal.reason;
  if (run.best !== undefined) return run.best.deliver();
  throw await call.exhausted({ attempts: run.failed, reason });
}
