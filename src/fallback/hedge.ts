import { delay } from '../boundary/clock.ts';
import { optionsFor } from '../candidate/call-options.ts';
import { HedgeLostError } from '../failure/errors.ts';
import { nextStep, putBack, type Run, type Step, type StepEnd } from './step.ts';
import { tryStep } from './try-step.ts';

type Lane<ANSWER> = { readonly controller: AbortController; readonly end: Promise<StepEnd<ANSWER>> };

/**
 * Runs a step, and after `afterMs` without an answer the next one beside it: at most two at a time. The first answer wins,
 * the other is aborted with a `HedgeLostError`; if one falls back, or cannot be asked now, the other goes on alone. Settles when both have ended,
 * so every attempt is booked before the answer is delivered.
 */
export async function hedge<ANSWER>({
  run,
  step,
  afterMs,
}: {
  readonly run: Run<ANSWER>;
  readonly step: Step;
  readonly afterMs: number;
}): Promise<StepEnd<ANSWER>> {
  const { clock, options } = run.call;
  const callSignal = options.abortSignal;
  const silence = new AbortController();
  // An answer that is held until it is whole may take long; whoever has begun it is not silent.
  const onOutput = () => silence.abort();
  const openLane = (laneStep: Step): Lane<ANSWER> => {
    const controller = new AbortController();
    const signal =
      callSignal === undefined ? controller.signal : AbortSignal.any([callSignal, controller.signal]);
    return { controller, end: tryStep({ run, step: laneStep, signal, onOutput }) };
  };

  const first = openLane(step);
  const silent = delay({ clock, delayMs: afterMs, signal: silence.signal }).then(
    () => 'silent' as const,
    () => 'ended' as const,
  );
  const early = await Promise.race([first.end, silent]).finally(() => silence.abort());
  const second = early === 'silent' ? nextStep(run) : undefined;
  if (second === undefined) return first.end;
  const own = openLane(second);
  // What could not be asked beside the first may well be asked after it, when that holds nothing any more.
  const end = own.end.then((ended): StepEnd<ANSWER> => {
    if (!('isLeftOut' in ended)) return ended;
    putBack(run);
    return { type: 'fall-back' };
  });
  return firstAnswer([first, { ...own, end }]);
}

/** How long to wait for a candidate by what was observed of it; undefined until enough was: then its time limit holds alone. */
export function hedgeDelay<ANSWER>({
  run: { call, type },
  step: { candidate },
}: {
  readonly run: Run<ANSWER>;
  readonly step: Step;
}): number | undefined {
  const options = optionsFor({ candidate, options: call.options });
  const learned = call.learned?.hedge({ candidate, options, type });
  return learned?.source === 'observed' ? learned.limitMs : undefined;
}

async function firstAnswer<ANSWER>(lanes: ReadonlyArray<Lane<ANSWER>>): Promise<StepEnd<ANSWER>> {
  let winner: StepEnd<ANSWER> | undefined;
  const settled = await Promise.allSettled(
    lanes.map(async lane => {
      const end = await lane.end;
      if (winner !== undefined || end.type === 'fall-back') return end;
      winner = end;
      for (const other of lanes) if (other !== lane) other.controller.abort(new HedgeLostError());
      return end;
    }),
  );
  if (winner !== undefined) return winner;
  // Without a winner nobody was told to stop, so a rejection here is the caller's abort.
  for (const end of settled) if (end.status === 'rejected') throw end.reason;
  return { type: 'fall-back' };
}
