// Runs the snippets, one after the other, and writes a line of JSON for each: run-snippets.ts results plan.
// They share a process, as they would in a reader's project; one for each would take half a second a snippet.

import { appendFileSync, readFileSync } from 'node:fs';
import { setImmediate as endOfTurn, setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

const [, , results = '', plan = ''] = process.argv;
const snippets = z
  .array(z.object({ file: z.string(), length: z.number() }))
  .parse(JSON.parse(readFileSync(plan, 'utf8')));

let printed = '';
let complaints = '';
const print = process.stdout.write;
const complain = process.stderr.write;
process.stdout.write = text => {
  printed += String(text);
  return true;
};
process.stderr.write = text => {
  complaints += String(text);
  return true;
};

for (const { file, length } of snippets) {
  printed = '';
  complaints = '';
  try {
    await import(pathToFileURL(file).href);
    await endOfTurn(); // warnings are told at a turn's end
    // Observers may print after the last line of a snippet has run.
    for (let turn = 0; turn < 100 && lengthOf(printed) < length; turn += 1) await wait(10);
  } catch (error) {
    complaints += error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  // A stream written without line ends runs into the next line.
  appendFileSync(
    results,
    `${JSON.stringify({ stdout: printed.replaceAll('\n', ''), stderr: complaints })}\n`,
  );
}

// What comes now belongs to no snippet: whoever started this sees it.
process.stdout.write = print;
process.stderr.write = complain;

function lengthOf(text: string): number {
  return text.replaceAll('\n', '').length;
}
