import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/**
 * Runs an example as `npm start` does, in an empty folder and without the environment of whoever runs the tests, so that
 * no real key is ever used.
 */
export async function runExample({
  file,
  dotenv,
}: {
  readonly file: string;
  /** Lines of a `.env` file beside it. */
  readonly dotenv?: ReadonlyArray<string>;
}): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ai-composite-example-'));
  try {
    if (dotenv !== undefined) await writeFile(path.join(folder, '.env'), dotenv.join('\n'));
    const child = spawn(process.execPath, ['--conditions=ai-composite-source', path.join(examples, file)], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { exitCode, stdout, stderr };
  } finally {
    await rm(folder, { recursive: true });
  }
}
