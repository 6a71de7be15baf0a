#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { dashboard } from './dashboard.ts';

const usage = `Usage: ai-composite dashboard <file> [options]

Shows what the calls in a ledger cost.

  <file>           the ledger's file, such as costs.db
  --tag <name>     also by the values of this tag; may be given more than once
  --days <number>  only the last days; default: all there is
  --port <number>  default: a free one
  --out <page>     writes the page to a file and ends
  --no-open        opens no browser
`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      tag: { type: 'string', multiple: true, default: [] },
      days: { type: 'string' },
      port: { type: 'string', default: '0' },
      out: { type: 'string' },
      open: { type: 'boolean', default: true },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, file, ...more] = positionals;
  if (values.help) console.log(usage);
  else if (command !== 'dashboard' || file === undefined || more.length > 0) throw new Error(`\n${usage}`);
  else
    await dashboard({
      file,
      tags: values.tag,
      days: values.days === undefined ? undefined : wholeNumber({ name: '--days', text: values.days }),
      port: wholeNumber({ name: '--port', text: values.port }),
      out: values.out,
      opensBrowser: values.open,
    });
} catch (error) {
  console.error(`ai-composite: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

function wholeNumber({ name, text }: { readonly name: string; readonly text: string }): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new Error(`${name} takes a whole number, not ${JSON.stringify(text)}.`);
  return number;
}
