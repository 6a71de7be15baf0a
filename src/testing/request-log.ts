import type { ReceivedRequest } from './received-request.ts';

/** The requests so far, and those who wait for more of them. */
export type RequestLog = {
  /** Live, in the order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  readonly add: (request: ReceivedRequest) => void;
  readonly waitFor: (count: number) => Promise<readonly ReceivedRequest[]>;
  /** Lets go of the requests so far. */
  readonly clear: () => void;
  /** Refuses those who still wait. */
  readonly close: () => void;
};

type Waiter = {
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

/** Makes an empty log. */
export function createRequestLog(): RequestLog {
  const requests: ReceivedRequest[] = [];
  const waiters = new Set<Waiter>();
  return {
    requests,
    add: request => {
      requests.push(request);
      for (const waiter of waiters) {
        if (requests.length < waiter.count) continue;
        waiters.delete(waiter);
        waiter.resolve();
      }
    },
    waitFor: async count => {
      if (requests.length < count) {
        await new Promise<void>((resolve, reject) => {
          waiters.add({ count, resolve, reject });
        });
      }
      return requests;
    },
    clear: () => {
      requests.length = 0;
    },
    close: () => {
      for (const waiter of waiters) {
        waiter.reject(
          new Error(`The fault server was closed after ${requests.length} of ${waiter.count} requests.`),
        );
      }
      waiters.clear();
    },
  };
}
