import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** Takes traces as an OpenTelemetry collector does; whoever asks at its address gets all of them, in a list. */
export type Collector = { readonly url: string; readonly close: () => Promise<void> };

/** Starts a collector on a free port of this machine. */
export async function startCollector(): Promise<Collector> {
  const received: unknown[] = [];
  const server = createServer(async (request, response) => {
    const isPost = request.method === 'POST';
    if (isPost) received.push(await json(request));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(isPost ? {} : received));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The collector has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
