// Starts one loopback server, and has each runtime make the same calls to it.
import { spawn } from 'node:child_process';
import { EdgeVM } from '@edge-runtime/vm';
import { createFaultServer, respond } from 'ai-composite/testing';
import { build } from 'esbuild';

const server = await createFaultServer();
const accounts = { refusing: server.account('refusing'), answering: server.account('answering') };
const addresses = { refusing: accounts.refusing.baseUrl, answering: accounts.answering.baseUrl };

const programs: Readonly<Record<string, ReadonlyArray<string>>> = {
  'Node 22': ['node_modules/node-22/bin/node', 'call-now.mjs'],
  'Node 26': ['node_modules/node-26/bin/node', 'call-now.mjs'],
  [`Node ${process.versions.node.split('.')[0]}`]: [process.execPath, 'call-now.mjs'],
  Bun: ['node_modules/@oven/bun-linux-x64/bin/bun', 'call-now.mjs'],
  Deno: [
    'node_modules/@deno/linux-x64-glibc/deno',
    'run',
    '--allow-all',
    '--node-modules-dir=manual',
    'call-now.mjs',
  ],
};

/** Runs a program to its end, beside this one, which has to answer it. */
function run([command = '', ...args]: ReadonlyArray<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args, addresses.refusing, addresses.answering], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, problems] = ['', ''];
    child.stdout.on('data', data => (out += data));
    child.stderr.on('data', data => (problems += data));
    child.once('error', reject);
    child.once('close', code => resolve(code === 0 ? out.trim() : `${code}: ${problems}`));
  });
}

async function inEdgeRuntime(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: "import { call } from './call.mjs'; globalThis.call = call;", resolveDir: '.' },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['edge-light'],
    logLevel: 'error',
  });
  const vm = new EdgeVM({ initialCode: outputFiles[0]?.text ?? '' });
  return String(await vm.evaluate(`call(${JSON.stringify(addresses)})`));
}

function script(): void {
  accounts.refusing.script([respond.error({ kind: 'auth' }), respond.error({ kind: 'auth' })]);
  accounts.answering.script([respond.answer({ text: 'Hello.' }), respond.answer({ text: 'Hello.' })]);
}

try {
  for (const [name, program] of Object.entries(programs)) {
    script();
    console.log(`${name}: ${await run(program)}`);
  }
  script();
  console.log(`edge-runtime: ${await inEdgeRuntime()}`);
  console.log(`require() in Node 22: ${await run(['node_modules/node-22/bin/node', 'call-required.cjs'])}`);
} finally {
  await server.close();
}
