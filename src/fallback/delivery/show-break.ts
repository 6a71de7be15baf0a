import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { AttemptTimeoutError, StreamInterruptedError } from '../../failure/errors.ts';
import type { FailureKind } from '../../failure/failure-kind.ts';
import { decideAction } from '../action.ts';
import { askAboutFailure } from '../ask-about-failure.ts';
import type { Interruption } from './delivery.ts';
import { type Broken, closeWith } from './last-parts.ts';

const noUsage: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** Shows the consumer that the answer broke off: an error and a finish `error`, never a clean end. */
export function showBreak({ delivery, failure }: Interruption): true {
  const { usage = noUsage, providerMetadata } = delivery.attempt.facts;
  return closeWith({
    delivery,
    broken: judgeBreak({ delivery, failure }),
    part: {
      type: 'finish',
      finishReason: { unified: 'error', raw: undefined },
      usage,
      ...(providerMetadata !== undefined && { providerMetadata }),
    },
  });
}

/** What no second request to the same candidate mends. */
const lasting: ReadonlyArray<FailureKind> = [
  'quota',
  'auth',
  'not-found',
  'context-length',
  'unsupported',
  'invalid-request',
];

function judgeBreak({ delivery, failure }: Interruption): Broken {
  const isSurfaced = endsCall({ delivery, failure });
  return {
    failure,
    isRetryable: !isSurfaced && (delivery.queue.steps.length > 1 || !lasting.includes(failure.kind)),
    isToBlame: !isSurfaced && !isUnread(failure.error),
  };
}

/** A failure that ends a call, such as a refusal, is not routed around by asking again either. */
export function endsCall({ delivery: { attempt }, failure }: Interruption): boolean {
  const { call } = attempt;
  const { type } = decideAction({
    failure,
    verdict: askAboutFailure({ attempt, failure }),
    candidateAttempt: 1,
    maxAttempts: 1,
    durationMs: call.clock.now() - attempt.startedAtMs,
    isLast: true,
    retriesAllowed: false,
    backoff: call.backoff,
    random: call.random,
  });
  return type === 'stop';
}

/** True where nobody read the answer, also where a candidate that is itself a composite was the first to end it. */
export function isUnread(error: unknown): boolean {
  if (StreamInterruptedError.isInstance(error)) return isUnread(error.cause);
  return AttemptTimeoutError.isInstance(error) && error.limit === 'unreadMs';
}
