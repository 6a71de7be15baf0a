import { describeAnswer, errorName, settleQuietly } from '../../boundary/callback.ts';
import type { Attempt } from '../attempt.ts';
import type { Judgement, Verdict } from '../conditions/condition.ts';
import type { JudgedAnswer } from '../conditions/judged-answer.ts';
import { throwIfCut } from '../cut.ts';

/** Why the signal aborts where the time runs out. */
const tookTooLong = new DOMException('timeoutMs of isAnswer ran out', 'TimeoutError');

/**
 * Asks a judgement of the user's, within its time and the call's. Where it throws, takes too long or answers anything else,
 * it decides nothing, and a warning says so: a judgement that fails must not cost an answer.
 */
export async function askPredicate({
  attempt,
  judgement: { name, predicate, timeoutMs },
  answer,
}: {
  readonly attempt: Attempt;
  readonly judgement: Extract<Judgement, { type: 'predicate' }>;
  readonly answer: JudgedAnswer;
}): Promise<Verdict> {
  const { call, controller, total } = attempt;
  const limitMs = Math.max(0, Math.min(timeoutMs, total.dueAtMs - call.clock.now()));
  const asking = new AbortController();
  const end = () => asking.abort(controller.signal.reason);
  controller.signal.addEventListener('abort', end, { once: true });
  let cancelLimit: (() => void) | undefined;
  const decideNothing = (why: string) => {
    call.warn(`A condition of fallbackWhen (${name}) ${why}; it decided nothing.`);
    return undefined;
  };
  try {
    const asked: unknown = predicate(answer, { abortSignal: asking.signal });
    if (typeof asked === 'boolean' || asked === undefined) return asked;
    if (!settleQuietly(asked))
      return decideNothing(`answered ${describeAnswer(asked)}, not true, false or undefined`);
    // It may have aborted the call itself.
    throwIfCut(attempt);
    const ended = new Promise<unknown>(resolve => {
      asking.signal.addEventListener('abort', () => resolve(tookTooLong), { once: true });
    });
    if (limitMs !== Number.POSITIVE_INFINITY)
      cancelLimit = call.clock.schedule({ delayMs: limitMs, callback: () => asking.abort(tookTooLong) });
    const verdict: unknown = await Promise.race([asked, ended]);
    throwIfCut(attempt);
    if (typeof verdict === 'boolean' || verdict === undefined) return verdict;
    return decideNothing(
      verdict === tookTooLong
        ? `took longer than ${limitMs} ms`
        : `answered ${describeAnswer(verdict)}, not true, false or undefined`,
    );
  } catch (error) {
    throwIfCut(attempt);
    return decideNothing(`failed (${errorName(error)})`);
  } finally {
    cancelLimit?.();
    controller.signal.removeEventListener('abort', end);
  }
}
