import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Pool } from 'pg';

/** The HTTP face that Neon's driver talks to, before a Postgres: one statement a request, rows as lists of texts. */
export async function startNeonFace({ url }: { readonly url: string }) {
  const pool = new Pool({ connectionString: url });
  const server = createServer(async (request, response) => {
    const body: unknown = await json(request);
    const text = String(Reflect.get(Object(body), 'query'));
    const params: unknown = Reflect.get(Object(body), 'params');
    try {
      const { rows, fields, rowCount, command } = await pool.query({
        text,
        values: Array.isArray(params) ? params : [],
        rowMode: 'array',
      });
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ rows, fields, rowCount, command }));
    } catch (error) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: error instanceof Error ? error.message : 'unknown' }));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/sql`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}
