// The pages that a reader sees: README.md, every docs/*.md, and what is there for contributors and for coding agents.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export type Page = {
  /** From the root of the project, with slashes. */
  readonly file: string;
  readonly text: string;
};

const written = readdirSync(path.join(root, 'docs'))
  .filter(name => name.endsWith('.md'))
  .sort()
  .map(name => `docs/${name}`);

const others = ['llms.txt', 'skills/ai-composite/SKILL.md', 'AGENTS.md', 'CONTRIBUTING.md'];

export const pages: ReadonlyArray<Page> = ['README.md', ...written, ...others].map(pageOf);

export function pageOf(file: string): Page {
  return { file, text: readFileSync(path.join(root, file), 'utf8') };
}
