import { delay } from '../boundary/clock.ts';
import type { Candidate } from '../candidate/candidate.ts';
import type { TellOutcome } from '../state/breakers/circuit-breaker.ts';
import { admit } from './admission.ts';
import { answers } from './answers-chunk.ts';
import type { Attempt, Call } from './attempt.ts';
import { earlier, type Limit, noLimit } from './limits/limit.ts';
import { endAttempt, openAttempt } from './open-attempt.ts';
import { isLast, type Run, type Step, type StepEnd, type Turn } from './step.ts';
import type { Withheld } from './withheld.ts';

/** Asks one candidate, again where its failure is worth it, until it answers or its turn is over. */
export async function tryStep<ANSWER>({
  run,
  step,
  signal,
  onOutput,
}: {
  readonly run: Run<ANSWER>;
  readonly step: Step;
  readonly signal: AbortSignal | undefined;
  /** Told when the first output is there, also where it is held. */
  readonly onOutput?: () => void;
}): Promise<StepEnd<ANSWER>> {
  const { call, type } = run;
  const { candidate } = step;
  const nowMs = call.clock.now();
  const tell = call.state.breakers.of(candidate).begin(nowMs);
  const tellBreaker = onOutput === undefined ? tell : telling({ tell, onOutput });
  const turn: Turn = { step, signal, total: totalOf({ call, candidate, nowMs }), tellBreaker };
  try {
    for (let candidateAttempt = 1, startedAtMs = nowMs; ; candidateAttempt++) {
      if (signal?.aborted) throw signal.reason;
      const asked =
        call.admit && admit({ call, ask: call.admit, candidate, isLast: () => isLast(run), signal });
      const admission = asked instanceof Promise ? await asked : asked;
      if (admission !== undefined && admission.type !== 'admitted') {
        // Limits of the user's own say nothing about the candidate's health.
        tellBreaker('abort');
        const { type: end } = admission;
        return { ...(end === 'stop' ? admission : { type: 'fall-back' }), isLeftOut: true };
      }
      const attempt = openAttempt({
        call,
        candidate: admission?.candidate ?? candidate,
        type,
        startedAtMs,
        total: turn.total,
        signal,
        tellBreaker,
        ticket: admission?.ticket,
      });
      let withheld: Withheld<ANSWER> | undefined;
      let problem: unknown;
      try {
        const sent = await run.send({ attempt, queue: run });
        if (sent.type === 'answer') return sent;
        withheld = sent;
        problem = sent.problem;
      } catch (error) {
        // Whatever the provider made of the abort, an abort is no failure.
        if (signal?.aborted) {
          endAttempt({ attempt, end: { outcome: 'abort' } });
          throw signal.reason;
        }
        problem = error;
      }
      const { afterFailure } = answers.now() ?? (await untilLoaded({ attempt, problem }));
      const next = afterFailure({ run, turn, attempt, problem, withheld, candidateAttempt });
      if (next.type === 'fall-back') return next;
      if (next.type === 'stop') {
        if (withheld === undefined || next.isOutOfTime) return next;
        call.endWith(attempt.record.attemptNumber);
        return { type: 'answer', answer: withheld.deliver() };
      }
      await delay({ clock: call.clock, delayMs: next.delayMs, signal });
      startedAtMs = call.clock.now();
    }
  } catch (error) {
    // Only an abort ends a turn like this.
    tellBreaker('abort');
    throw error;
  }
}

/** Waits for the code that tells what a failure is; without it the attempt ends all the same. */
async function untilLoaded({ attempt, problem }: { readonly attempt: Attempt; readonly problem: unknown }) {
  try {
    return await answers.load();
  } catch (error) {
    endAttempt({ attempt, end: { outcome: 'failure', failure: { kind: 'unknown', error: problem } } });
    throw error;
  }
}

/** The call's own limit or the candidate's for all its attempts, whichever runs out first. */
function totalOf({
  call,
  candidate,
  nowMs,
}: {
  readonly call: Call;
  readonly candidate: Candidate;
  readonly nowMs: number;
}): Limit {
  return earlier({
    one: totalFrom({ startsAtMs: call.startedAtMs, limitMs: call.totalMs }),
    other: totalFrom({ startsAtMs: nowMs, limitMs: candidate.timeouts.totalMs }),
  });
}

function totalFrom({
  startsAtMs,
  limitMs,
}: {
  readonly startsAtMs: number;
  readonly limitMs: number;
}): Limit {
  if (limitMs === Number.POSITIVE_INFINITY) return noLimit;
  return { name: 'totalMs', limitMs, dueAtMs: startsAtMs + limitMs };
}

/** What proves a candidate healthy is its first output. */
function telling({
  tell,
  onOutput,
}: {
  readonly tell: TellOutcome;
  readonly onOutput: () => void;
}): TellOutcome {
  return outcome => {
    if (outcome === 'success') onOutput();
    tell(outcome);
  };
}
