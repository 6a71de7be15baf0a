import { spawnSync } from 'node:child_process';

/** What a program wrote. */
export type Output = { readonly stdout: string; readonly stderr: string };

/** Runs a program to its end, without the environment that vitest and npm made; throws what it wrote if it fails. */
export function run({
  command,
  args,
  cwd,
  env = {},
}: {
  readonly command: string;
  readonly args: ReadonlyArray<string>;
  readonly cwd: string;
  /** What the program finds there besides. */
  readonly env?: Readonly<Record<string, string>>;
}): Output & { readonly isOk: boolean } {
  const { PATH = '', HOME = '' } = process.env;
  const registry = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cache|userconfig|globalconfig|cafile|.*proxy)|.*_proxy|NODE_EXTRA_CA_CERTS)$/i.test(
      name,
    ),
  );
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...Object.fromEntries(registry), PATH, HOME, ...env },
  });
  if (error !== undefined) throw error;
  return { stdout, stderr, isOk: status === 0 };
}
