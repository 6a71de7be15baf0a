import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The page that the tables go to. */
const page = path.join(import.meta.dirname, '../../docs/routing-results.md');

/** Puts tables between the page's marks `<!-- name -->` and `<!-- /name -->`; the page has its own words around them. */
export function writeTables({ name, text }: { readonly name: string; readonly text: string }): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = readFileSync(page, 'utf8').split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/routing-results.md has lost its marks ${begin} and ${end}.`);
  writeFileSync(page, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
