import path from 'node:path';
import * as names from '../examples/readme-names.ts';
import { type Page, root } from './pages.ts';

/** A snippet as a page shows it, with imports of the names it takes for granted. */
export type Snippet = {
  readonly title: string;
  /** To be compiled: with the real provider packages. */
  readonly typed: string;
  /** To be run: the same, with scripted models in place of the providers'. */
  readonly run: string;
  /** What its `// →` comments say it prints. */
  readonly output: ReadonlyArray<string>;
};

const scriptedProviders = /'@ai-sdk\/(openai|google|openai-compatible|anthropic)'/g;

/** The `ts` snippets of a page; `folder` is where they will be written. */
export function snippetsOf({
  page,
  folder,
}: {
  readonly page: Page;
  readonly folder: string;
}): ReadonlyArray<Snippet> {
  const namesModule = path.relative(folder, path.join(root, 'test/examples/readme-names.ts'));
  return [...page.text.matchAll(/^```ts\n(.*?)^```/gms)].map(match => {
    const code = match[1] ?? '';
    const headings = page.text.slice(0, match.index).match(/^#+ .*$/gm);
    const heading = headings?.at(-1)?.replace(/^#+ /, '') ?? '';
    const firstLine = code.split('\n').find(line => line !== '' && !line.startsWith('import')) ?? '';
    const needed = Object.keys(names).filter(name => isTaken({ name, code }));
    const imports = needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '${namesModule}';\n`;
    const typed = `${imports}${code}export {};\n`;
    return {
      title: `${heading}: ${firstLine}`,
      typed,
      run: typed.replaceAll(scriptedProviders, `'${namesModule}'`),
      output: [...code.matchAll(/\/\/ → (.*)$/gm)].map(expected => expected[1] ?? ''),
    };
  });
}

/** True where code uses a name that it does not declare. */
export function isTaken({ name, code }: { readonly name: string; readonly code: string }): boolean {
  const isDeclared = new RegExp(`(const|using|let|function|import [^;]*)[ {,]+${name}\\b`).test(code);
  return !isDeclared && new RegExp(`(?<![\\w)\\]]\\.|')\\b${name}\\b(?!')`).test(code);
}
