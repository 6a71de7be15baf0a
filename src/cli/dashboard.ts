import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openLedger, type PageOptions } from 'ai-composite/ledger';

/** What the command was asked for. */
export type DashboardOptions = {
  readonly file: string;
  readonly tags: ReadonlyArray<string>;
  readonly days: number | undefined;
  readonly port: number;
  readonly out: string | undefined;
  readonly opensBrowser: boolean;
};

/** Shows the page of a ledger: serves it on this machine until it is stopped, or writes it to a file. */
export async function dashboard({
  file,
  tags,
  days,
  port,
  out,
  opensBrowser,
}: DashboardOptions): Promise<void> {
  // Opening would make an empty one, and whoever mistyped a name would see that nothing was ever paid.
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  const ledger = await openLedger({ database: file });
  const options: PageOptions = {
    title: file,
    tags,
    from: days === undefined ? 0 : Date.now() - days * 86_400_000,
  };
  if (out !== undefined) {
    writeFileSync(out, await ledger.page(options));
    await ledger.close();
    console.log(`The page: ${out}`);
    return;
  }
  // Others on this machine may reach the port too.
  const key = randomBytes(16).toString('hex');
  const handle = ledger.handler({
    ...options,
    authorize: ({ url }) => new URL(url).searchParams.get('key') === key,
  });
  const server = createServer(async (request, response) => {
    const answer = await handle(
      new Request(new URL(request.url ?? '/', 'http://127.0.0.1'), { method: request.method ?? 'GET' }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // It listens on a port, so it has one.
  const { port: own } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${own}/?key=${key}`;
  console.log(`${url}\nCtrl+C stops it.`);
  if (opensBrowser) openBrowser(url);
}

function openBrowser(url: string): void {
  const command = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  // The address is printed; a machine without a browser needs no more than that.
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
