import type { Failure } from '../../failure/failure.ts';
import { recoveredCall } from '../../report/recovered-call.ts';
import type { CompositeMetadata } from '../../report/report.ts';
import { createInterruptions } from '../../state/conversations/interruptions.ts';
import { promptKeys, sessionKey } from '../../state/conversations/prompt-keys.ts';
import type { Call } from '../attempt.ts';

/** Some 500 bytes each. */
const maxEntries = 10_000;

/** Remembers a call whose answer broke off in front of its reader, for the next one of its conversation. */
export function noteInterruption({
  call: {
    state: { interruptions },
    clock,
    asked: { options, sessionId },
    interruption,
  },
  candidate,
  failure,
  isToBlame,
  report,
}: {
  readonly call: Call;
  readonly candidate: string;
  readonly failure: Failure;
  /** The candidate should be asked last then. */
  readonly isToBlame: boolean;
  readonly report: CompositeMetadata;
}): void {
  const { prompt, abortSignal: signal } = options;
  const key = promptKeys({ prompt, sessionId }).at(-1);
  const before = (interruption?.candidates ?? []).filter(name => !isToBlame || name !== candidate);
  interruptions.memory ??= createInterruptions({ clock, maxEntries });
  interruptions.memory.add({
    keys: [...(key === undefined ? [] : [key]), ...(sessionId === undefined ? [] : [sessionKey(sessionId)])],
    signal,
    candidates: isToBlame ? [...before, candidate] : before,
    call: recoveredCall({ candidate, failureKind: failure.kind, report }),
  });
}
