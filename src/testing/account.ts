import type { ReceivedRequest } from './received-request.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import type { Reply } from './respond.ts';
import { defaultScript, type RunningScript, runScript, type Script } from './script.ts';
import type { WireStep } from './wire.ts';

/** One account on the fault server: a base URL of its own, with its own script and requests. */
export type Account = {
  readonly name: string;
  /** `baseURL` for any of the official providers: one base serves all four protocols. */
  readonly baseUrl: string;
  /** Sets what happens from the next request on. Without a script the account answers a text with its name. */
  readonly script: (script: Script) => void;
  /** What arrived at this account, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Waits until this many requests have arrived at this account. */
  readonly waitForRequests: (count: number) => Promise<readonly ReceivedRequest[]>;
};

/** An account and the parts of it only the server uses. */
export type AccountState = {
  readonly face: Account;
  readonly log: RequestLog;
  readonly next: (request: ReceivedRequest) => Reply;
  /** The number of the next request, 1-based. Goes on when the requests are forgotten: ids stay unique. */
  readonly nextNumber: () => number;
  /** Keeps a whole answer under its id. */
  readonly keep: (answer: { readonly id: string; readonly steps: readonly WireStep[] }) => void;
  /** What of a kept answer comes behind its event of this number; undefined where it is not kept. */
  readonly keptAfter: (event: {
    readonly id: string;
    readonly after: number;
  }) => readonly WireStep[] | undefined;
  readonly forgetAnswers: () => void;
};

/** Makes the state of one account. */
export function createAccount({ name, serverUrl }: { name: string; serverUrl: string }): AccountState {
  const log = createRequestLog();
  let running: RunningScript = runScript(defaultScript(name));
  let arrived = 0;
  const kept = new Map<string, readonly WireStep[]>();
  return {
    log,
    keep: ({ id, steps }) => {
      kept.set(id, steps);
    },
    // Events are numbered from 0.
    keptAfter: ({ id, after }) => kept.get(id)?.slice(after + 1),
    forgetAnswers: () => kept.clear(),
    next: request => running.next(request),
    nextNumber: () => {
      arrived += 1;
      return arrived;
    },
    face: {
      name,
      baseUrl: `${serverUrl}/${encodeURIComponent(name)}`,
      script: script => {
        running = runScript(script);
      },
      requests: log.requests,
      waitForRequests: log.waitFor,
    },
  };
}
