import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './pages.ts';
import { isTaken } from './snippet.ts';

/** The code of one `@example`, with imports of the names it takes for granted. */
export type DocstringExample = { readonly file: string; readonly typed: string };

const namesFile = path.join(root, 'test/docs/docstring-names.ts');

/** The examples in the docstrings of `src/`; `folder` is where they will be written. */
export function docstringExamples({ folder }: { readonly folder: string }): ReadonlyArray<DocstringExample> {
  const namesModule = path.relative(folder, namesFile);
  const { values, types } = knownNames();
  return globSync('src/**/*.ts', { cwd: root })
    .sort()
    .flatMap(file => examplesIn(file).map(code => ({ file, code })))
    .map(({ file, code }) => {
      const taken = (names: ReadonlyArray<string>) => names.filter(name => isTaken({ name, code }));
      const needed = [...taken(values), ...taken(types).map(name => `type ${name}`)];
      return { file, typed: `import { ${needed.join(', ')} } from '${namesModule}';\n${code}export {};\n` };
    });
}

function knownNames(): { readonly values: ReadonlyArray<string>; readonly types: ReadonlyArray<string> } {
  const text = readFileSync(namesFile, 'utf8');
  const listed = (pattern: RegExp) =>
    [...text.matchAll(pattern)].flatMap(([, names = '']) => names.match(/\w+/g) ?? []);
  return {
    values: [...listed(/^export \{(.*?)\}/gms), ...listed(/^export declare const (\w+)/gm)],
    types: listed(/^export type \{(.*?)\}/gms),
  };
}

function examplesIn(file: string): ReadonlyArray<string> {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/ \* @example\n(.*?) \*\//gs)].map(([, lines = '']) =>
    lines.replace(/^ \* ?/gm, ''),
  );
}
