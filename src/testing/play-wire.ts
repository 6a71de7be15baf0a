import type { ServerResponse } from 'node:http';
import type { Pause, Wire } from './wire.ts';

/** The connection a wire is played on, as the request's record sees it. */
export type Connection = {
  /** Settles when the connection is gone, whoever closed it. */
  readonly gone: Promise<unknown>;
  readonly isGone: () => boolean;
  /** Called with the bytes the operating system has taken: what a client that does not read holds up. */
  readonly onWritten: (bytes: number) => void;
  /** Called before the server itself closes the connection. */
  readonly onServerClose: () => void;
};

/**
 * Does the steps of a wire in order, and stops when the connection is gone. Each write waits until the operating system
 * has taken it, so a client that does not read holds the server up.
 */
export async function playWire({
  wire,
  response,
  connection,
}: {
  wire: Wire;
  response: ServerResponse;
  connection: Connection;
}): Promise<void> {
  for (const step of wire.steps) {
    if (connection.isGone()) return;
    switch (step.type) {
      case 'pause':
        await wait({ until: step.until, connection });
        break;
      case 'head':
        response.writeHead(step.status, step.headers);
        response.flushHeaders();
        break;
      case 'write':
        await write({ text: step.text, drip: wire.drip, response, connection });
        break;
      case 'raw':
        response.socket?.write(step.text);
        break;
      case 'end':
        response.end();
        return;
      case 'cut':
        connection.onServerClose();
        response.socket?.destroySoon();
        return;
      case 'reset':
        connection.onServerClose();
        response.socket?.resetAndDestroy();
        return;
      default:
        step satisfies never;
    }
  }
}

async function write({
  text,
  drip,
  response,
  connection,
}: {
  text: string;
  drip: Wire['drip'];
  response: ServerResponse;
  connection: Connection;
}): Promise<void> {
  const bytes = Buffer.from(text, 'utf8');
  const size = drip?.bytes ?? Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length && !connection.isGone(); at += size) {
    const packet = bytes.subarray(at, at + size);
    const taken = new Promise<void>(resolve => {
      response.write(packet, () => resolve());
    });
    await Promise.race([taken, connection.gone]);
    if (!connection.isGone()) connection.onWritten(packet.length);
    if (drip !== undefined) await wait({ until: drip.pause, connection });
  }
}

async function wait({ until, connection }: { until: Pause; connection: Connection }): Promise<void> {
  if (until === 'forever') {
    await connection.gone;
    return;
  }
  if (typeof until !== 'number') {
    // A promise that rejects opens as well: the test fails by it, not by a connection that breaks for no reason.
    await Promise.race([Promise.resolve(until).catch(() => {}), connection.gone]);
    return;
  }
  // A timer takes at least a millisecond; a turn of the event loop is enough to make two packets of two writes.
  if (until === 0) {
    await new Promise<void>(resolve => {
      setImmediate(resolve);
    });
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>(resolve => {
    timer = setTimeout(resolve, until);
  });
  await Promise.race([elapsed, connection.gone]);
  clearTimeout(timer);
}
