import type { ServerResponse } from 'node:http';
import type { Connection } from './play-wire.ts';
import type { RequestOutcome } from './received-request.ts';

/** What is known about the connection of one request. */
export type TrackedConnection = {
  readonly connection: Connection;
  readonly outcome: () => RequestOutcome;
  readonly bytesWritten: () => number;
  readonly closed: Promise<RequestOutcome>;
};

/** Watches the connection of a response until the response is complete or the connection is gone. */
export function trackConnection({
  response,
  isServerClosing,
}: {
  response: ServerResponse;
  isServerClosing: () => boolean;
}): TrackedConnection {
  let outcome: RequestOutcome = 'open';
  let closesItself = false;
  let bytesWritten = 0;
  const closed = new Promise<RequestOutcome>(resolve => {
    const settle = (how: RequestOutcome): void => {
      if (outcome !== 'open') return;
      outcome = how;
      resolve(how);
    };
    response.once('finish', () => settle('completed'));
    response.once('close', () =>
      settle(closesItself || isServerClosing() ? 'closed-by-server' : 'closed-by-client'),
    );
  });
  return {
    closed,
    outcome: () => outcome,
    bytesWritten: () => bytesWritten,
    connection: {
      gone: closed,
      isGone: () => outcome !== 'open',
      onWritten: bytes => {
        bytesWritten += bytes;
      },
      onServerClose: () => {
        closesItself = true;
      },
    },
  };
}
