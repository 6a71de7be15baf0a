import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Redis } from 'ioredis';

/** The HTTP face that `@upstash/redis` talks to, before a Redis: commands as JSON arrays, texts answered in base64. */
export async function startUpstashFace({ port }: { readonly port: number }) {
  const redis = new Redis(port);
  const answer = async (
    command: unknown,
  ): Promise<{ readonly result: unknown } | { readonly error: string }> => {
    try {
      const [name = '', ...values] = Array.isArray(command) ? command.map(String) : [];
      const result = await redis.call(name, ...values);
      return { result: typeof result === 'string' ? Buffer.from(result).toString('base64') : result };
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'unknown' };
    }
  };
  const server = createServer(async (request, response) => {
    const body = await json(request);
    const isMany = request.url === '/pipeline' && Array.isArray(body);
    const answers = isMany ? await Promise.all(body.map(answer)) : await answer(body);
    const isError = !isMany && 'error' in Object(answers);
    response.writeHead(isError ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await redis.quit();
    },
  };
}
