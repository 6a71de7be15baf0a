import type { Attempt, Call } from '../attempt.ts';
import type { Delivery, Interruption } from '../delivery/delivery.ts';
import { giveUp } from '../delivery/give-up.ts';
import { endsCall, showBreak } from '../delivery/show-break.ts';
import { createStamper } from '../history/stamp-parts.ts';
import type { Run, Send, Step } from '../step.ts';
import { streamTo } from '../stream.ts';
import { tryStep } from '../try-step.ts';
import { wayOf } from './declared-way.ts';
import type { Relay } from './relay.ts';
import { joinAnswer } from './seam.ts';
import { endText, type Trail } from './trail.ts';
import { prefill, restart, type Way } from './way.ts';

/** An answer that changes hands. */
type Handover = {
  readonly call: Call;
  readonly trail: Trail;
  readonly relay: Relay;
  /** Lets the call close, which it must not while nobody is asked. */
  readonly release: () => void;
};

/**
 * Has the next candidate go on with an answer that broke off, where that is certain; shows the break where nobody does. Once
 * somebody has begun to answer, it is up to the seam, which comes back here if the answer turns out to be another one.
 */
export async function continueAnswer({
  broken,
  trail,
  relay,
  release,
}: Omit<Handover, 'call'> & { readonly broken: Interruption }): Promise<void> {
  const { call, record } = broken.delivery.attempt;
  if (trail.parts.at(-1)?.attemptNumber === record.attemptNumber) relay.broken = broken;
  // A refusal, or what `fallbackWhen` stops at, is not routed around here either.
  if (endsCall(broken)) relay.tries.length = 0;
  await lookOn({ call, trail, relay, release });
}

/** Nobody goes on: the consumer sees the break, unless it has left meanwhile. */
function showEnd({ call, trail, relay, release }: Handover): void {
  if (relay.signal.aborted) throw relay.signal.reason;
  call.continuing?.fail();
  release();
  endText(trail);
  showBreak(relay.broken);
}

async function lookOn(handover: Handover): Promise<void> {
  const { relay, release } = handover;
  try {
    const delivery = await askNext(handover);
    if (delivery === undefined) {
      showEnd(handover);
      return;
    }
    relay.current = delivery;
    release();
    delivery.read();
  } catch (error) {
    release();
    // Only an abort ends a turn like this; for a consumer that has left, it says nothing.
    relay.broken.delivery.out?.error(error);
  }
}

/** The first of those left who begins to answer; undefined where nobody does. */
async function askNext({ call, trail, relay, release }: Handover): Promise<Delivery | undefined> {
  for (let next = relay.tries.shift(); next !== undefined; next = relay.tries.shift()) {
    if (call.clock.now() >= call.startedAtMs + call.totalMs) return undefined;
    const { step } = next;
    const asked = { options: call.options, delivered: trail.text };
    const isPrefilled =
      !next.isFresh && wayOf({ candidate: step.candidate, options: call.options }) === 'prefill';
    const way = (isPrefilled ? prefill(asked) : undefined) ?? restart(asked);
    const end = await tryStep({
      run: runFor({ handover: { call, trail, relay, release }, step, way }),
      step,
      signal: relay.signal,
    });
    if (end.type === 'answer') return end.answer;
    if (way.type === 'prefill' && isRefused(relay)) relay.tries.unshift({ step, isFresh: true });
    else if (end.type === 'stop') return undefined;
  }
  return undefined;
}

/** True where the last request was itself what the candidate did not take. */
function isRefused({ queue: { failed } }: Relay): boolean {
  const kind = failed.at(-1)?.failureKind;
  return kind === 'invalid-request' || kind === 'unsupported';
}

/** The turn of one candidate on one way: as in the plan, but that it is never the last one, for the error is behind it. */
function runFor({
  handover,
  step,
  way,
}: {
  readonly handover: Handover;
  readonly step: Step;
  readonly way: Way;
}): Run<Delivery> {
  const { call, relay } = handover;
  const { options, type: recovery } = way;
  return {
    call: {
      ...call,
      options,
      // What went out in part is not judged any more.
      conditions: call.conditions.map(
        condition =>
          (...failed) =>
            condition(...failed),
      ),
      settleFor: undefined,
      record: attempt => call.record({ ...attempt, continues: { recovery, options } }),
    },
    type: 'stream',
    send: sendOn({ handover, step, way }),
    steps: [step],
    begun: 0,
    failed: relay.queue.failed,
    best: undefined,
    whenKept: undefined,
  };
}

/** Sends a request whose answer goes on in the stream that the consumer has. */
function sendOn({
  handover,
  step,
  way,
}: {
  readonly handover: Handover;
  readonly step: Step;
  readonly way: Way;
}): Send<Delivery> {
  return async ({ attempt, queue }) => {
    let delivery: Delivery | undefined;
    const sent = await streamTo({
      attempt,
      queue,
      onOpen: opened => {
        delivery = opened;
        attach({ handover, step, way, delivery });
      },
    });
    // Before a refusal there was an answer, so it is none to go on with.
    if (sent.type === 'withheld') throw sent.problem;
    // Whatever is sent was opened; this line only tells the compiler.
    if (delivery === undefined) throw new Error('ai-composite: the stream was not opened');
    return { type: 'answer', answer: delivery };
  };
}

function attach({
  handover,
  step,
  way,
  delivery,
}: {
  readonly handover: Handover;
  readonly step: Step;
  readonly way: Way;
  readonly delivery: Delivery;
}): void {
  const { trail, relay } = handover;
  const { attempt } = delivery;
  // The stream that was opened for it has no reader: what it hands out goes to the consumer's.
  delivery.out = relay.broken.delivery.out;
  delivery.heir = relay.broken.delivery.heir;
  delivery.stamper = createStamper({ candidate: attempt.record.stamp, continued: true });
  delivery.forward = joinAnswer({
    delivery,
    trail,
    comparison: way.compare(),
    onAgrees: () => enter({ trail, attempt, way }),
    onDiffers: () => leave({ handover, step, way, delivery }),
  });
}

/** From here on the answer is this candidate's. */
function enter({
  trail: { parts, text },
  attempt: { call, candidate, record },
  way: { type },
}: {
  readonly trail: Trail;
  readonly attempt: Attempt;
  readonly way: Way;
}): void {
  const offset = text.length;
  // Whoever made nothing of the text is no maker of it.
  if (parts.at(-1)?.offset === offset) parts.pop();
  parts.push({ candidate: candidate.name, attemptNumber: record.attemptNumber, offset, recovery: type });
  call.continuing?.tell(parts);
}

/** It is another answer: its request ends, and the next candidate is asked. */
function leave({
  handover: { trail, relay },
  step,
  way,
  delivery,
}: {
  readonly handover: Handover;
  readonly step: Step;
  readonly way: Way;
  readonly delivery: Delivery;
}): void {
  const { call } = relay.broken.delivery.attempt;
  const release = call.continuing?.hold() ?? ignore;
  relay.current = undefined;
  giveUp({
    delivery,
    reason: new DOMException('It is another answer than the one that was begun.', 'AbortError'),
  });
  if (way.type === 'prefill') relay.tries.unshift({ step, isFresh: true });
  void lookOn({ call, trail, relay, release });
}

function ignore(): void {}
