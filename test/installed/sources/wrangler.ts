// Has Wrangler make what it would deploy, runs it, and prints what it says and whether the price list is in it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

for (const program of ['look-up', 'look-up-asked']) {
  const args = ['deploy', `${program}.js`, '--dry-run', '--outdir', 'out'];
  execFileSync(process.execPath, ['node_modules/wrangler/bin/wrangler.js', ...args]);
  const file = path.join(import.meta.dirname, 'out', `${program}.js`);
  const worker = await import(file);
  const answer = await (await worker.default.fetch()).json();
  // A word that is nowhere but in the data of the list.
  const hasList = readFileSync(file, 'utf8').includes('price_comments');
  console.log(JSON.stringify({ program, hasList, ...answer }));
}
