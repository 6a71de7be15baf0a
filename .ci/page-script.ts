// Bundles the script of the ledger's page, with its charts, into one text: the page loads nothing from anywhere.
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const entry = fileURLToPath(new URL('../src/ledger/page/client/main.ts', import.meta.url));

/** The script, minified, behind the notice that its library's license asks for. */
export async function bundlePageScript(): Promise<string> {
  const { output } = await build({
    input: entry,
    platform: 'browser',
    write: false,
    logLevel: 'warn',
    output: { format: 'iife', minify: true, comments: { legal: false, annotation: false, jsdoc: false } },
  });
  return `/*! Charts by Chart.js, https://www.chartjs.org, (c) Chart.js Contributors, MIT License */\n${output[0].code}`;
}
