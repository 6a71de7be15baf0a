import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { run } from './run.ts';

/** A project of its own, outside this one, with the tarball installed beside its locked packages. */
export type Project = {
  readonly folder: string;
  /** What npm said when it installed the tarball. */
  readonly installed: string;
  /** Compiles the project's TypeScript; returns what the compiler says of it and of us. */
  readonly compile: (options: CompileOptions) => string;
  /** Runs a file of the project. */
  readonly node: (file: string, ...args: ReadonlyArray<string>) => ReturnType<typeof run>;
  readonly remove: () => void;
};

/** Which compiler, and what goes into tsconfig.json beyond `strict`. */
export type CompileOptions = {
  readonly compiler: 'typescript' | 'typescript-5';
  readonly compilerOptions: Readonly<Record<string, unknown>>;
};

/** Makes the project: its package.json and lockfile, the sources, and then what a user types: `npm install` of the tarball. */
export function installProject({
  name,
  sources,
}: {
  readonly name: string;
  readonly sources: ReadonlyArray<string>;
}): Project {
  const folder = mkdtempSync(path.join(tmpdir(), `ai-composite-${name}-`));
  const here = fileURLToPath(new URL('.', import.meta.url));
  cpSync(path.join(here, 'projects', name), folder, { recursive: true });
  for (const source of sources) cpSync(path.join(here, 'sources', source), path.join(folder, source));
  const npm = (...args: ReadonlyArray<string>) => {
    const { stdout, stderr, isOk } = run({
      command: 'npm',
      args: [...args, '--no-audit', '--no-fund', '--no-update-notifier', '--prefer-offline'],
      cwd: folder,
    });
    if (!isOk) throw new Error(`npm ${args.join(' ')} failed in ${name}: ${stderr}`);
    return `${stdout}${stderr}`;
  };
  npm('ci', '--ignore-scripts');
  return {
    folder,
    installed: npm('install', '--no-save', inject('tarball')),
    compile: ({ compiler, compilerOptions }) => {
      const settings = { strict: true, target: 'es2022', noEmit: true, ...compilerOptions };
      writeFileSync(
        path.join(folder, 'tsconfig.json'),
        JSON.stringify({ compilerOptions: settings, include: ['*.ts'] }),
      );
      const { stdout, stderr } = run({
        command: process.execPath,
        args: [`node_modules/${compiler}/bin/tsc`, '-p', '.', '--pretty', 'false'],
        cwd: folder,
      });
      return withoutOthers(`${stdout}${stderr}`);
    },
    node: (file, ...args) => run({ command: process.execPath, args: [file, ...args], cwd: folder }),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Leaves out what the declarations of other packages have wrong in themselves; a line that is indented belongs to the one before. */
function withoutOthers(diagnostics: string): string {
  let isOurs = true;
  const lines = diagnostics.split('\n').filter(line => {
    if (!line.startsWith(' ')) isOurs = !/^node_modules\/(?!ai-composite\/)/.test(line);
    return isOurs;
  });
  return lines.join('\n').trim();
}

/** For packages whose own types are checked by nobody but them. */
export const ordinaryOptions: CompileOptions['compilerOptions'] = {
  module: 'nodenext',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: ['node'],
  skipLibCheck: true,
};
