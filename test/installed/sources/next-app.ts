// Builds a Next.js app, starts it as its user does, asks its routes for a price, and prints what they say.
import { execFileSync, spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const next = 'node_modules/next/dist/bin/next';
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
execFileSync(process.execPath, [next, 'build'], { env, encoding: 'utf8' });

const port = await freePort();
const server = spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
await new Promise<void>(resolve =>
  server.stdout.on('data', (text: Buffer) => {
    if (text.includes('Ready')) resolve();
  }),
);
const ask = async (route: string) => (await fetch(`http://127.0.0.1:${port}/${route}`)).json();
const [edge, node] = [await ask('edge'), await ask('node')];
server.kill();

// A word that is nowhere but in the data of the list.
const withList = globSync('.next/**/*.js').filter(file =>
  readFileSync(file, 'utf8').includes('price_comments'),
);
console.log(JSON.stringify({ edge, node, isInEdge: withList.some(file => file.includes('/edge/')) }));

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => probe.once('listening', resolve));
  const address = probe.address();
  await new Promise(resolve => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
