import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureKinds } from '../src/failure/failure-kind.ts';
import { decideAction } from '../src/fallback/action.ts';
import { defaults, parseSettings } from '../src/settings/settings.ts';
import * as names from './examples/readme-names.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
/** Inside the project, so that the snippets find its packages; ignored by git. */
const folder = path.join(root, '.vitest', `readme-${process.pid}`);
const namesModule = path.relative(folder, path.join(root, 'test/examples/readme-names.ts'));

/** A snippet as the README shows it, with imports of the names it takes for granted. */
type Snippet = { readonly title: string; readonly text: string; readonly output: ReadonlyArray<string> };

const snippets: ReadonlyArray<Snippet> = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(match => {
  const code = match[1] ?? '';
  const section =
    readme
      .slice(0, match.index)
      .match(/^#+ .*$/gm)
      ?.at(-1) ?? '';
  const isTaken = (name: string) => new RegExp(`\\b${name}\\b`).test(code);
  const isDeclared = (name: string) => new RegExp(`(const|import [^;]*)[ {,]+${name}\\b`).test(code);
  const needed = Object.keys(names).filter(name => isTaken(name) && !isDeclared(name));
  const imports = needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '${namesModule}';\n`;
  const firstLine = code.split('\n').find(line => line !== '' && !line.startsWith('import')) ?? '';
  return {
    title: `${section.replace(/^#+ /, '')}: ${firstLine}`,
    text: `${imports}${code}export {};\n`,
    output: [...code.matchAll(/\/\/ → (.*)$/gm)].map(expected => expected[1] ?? ''),
  };
});

function inFolder({ index, kind }: { readonly index: number; readonly kind: 'types' | 'run' }): string {
  return path.join(folder, `${kind}-${index}.ts`);
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  snippets.forEach(({ text }, index) => {
    writeFileSync(inFolder({ index, kind: 'types' }), text);
    // To run, the official providers are replaced by scripted ones.
    writeFileSync(
      inFolder({ index, kind: 'run' }),
      text.replaceAll(/'@ai-sdk\/(openai|google|openai-compatible)'/g, `'${namesModule}'`),
    );
  });
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    // As `tsc --init` writes them.
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: ['ai-composite-source'],
  };
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['types-*.ts'] }),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the snippets of the README', () => {
  test('are all found', () => {
    expect(snippets).toHaveLength(readme.split('```ts').length - 1);
    expect(snippets.length).toBeGreaterThan(8);
  });

  test('compile in an ordinary strict project', () => {
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  }, 60_000);

  test.each(snippets.map(({ title, output }, index) => ({ title, output, index })))(
    'runs and prints what it says: $title',
    ({ output, index }) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--conditions=ai-composite-source', inFolder({ index, kind: 'run' })],
        { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } },
      );
      expect(stderr).toBe('');
      expect(status).toBe(0);
      // A stream written without line ends runs into the next line.
      expect(stdout.replaceAll('\n', '')).toBe(output.join(''));
    },
    30_000,
  );
});

/** The cells of a table's lines under a heading, without the head. */
function tableAfter(heading: string): ReadonlyArray<ReadonlyArray<string>> {
  const section = readme.slice(readme.indexOf(heading));
  const lines = section.slice(section.indexOf('\n| ')).trimStart().split('\n\n')[0]?.split('\n') ?? [];
  return lines.slice(2).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
}

describe('the tables of the README', () => {
  test('name every failure kind with its default action', () => {
    const actionOf = ({
      kind,
      retryAfterMs,
    }: {
      readonly kind: (typeof failureKinds)[number];
      readonly retryAfterMs?: number;
    }) =>
      decideAction({
        failure: { kind, error: undefined, ...(retryAfterMs !== undefined && { retryAfterMs }) },
        context: { task: 'chat', candidate: 'a', attemptNumber: 1 },
        conditions: [],
        candidateAttempt: 1,
        maxAttempts: 2,
        durationMs: 0,
        isLast: false,
        retriesAllowed: true,
        backoff: { initialDelayMs: 500, maxDelayMs: 8_000, maxRetryAfterMs: 3_000 },
        random: () => 0,
        tellProblem: () => {},
      }).type;
    const words = {
      retry: 'Retry, then fall back',
      'fall-back': 'Fall back',
      stop: 'Stop: a refusal is surfaced',
    };
    const documented = Object.fromEntries(
      tableAfter('## Fallback').map(cells => [cells[0]?.replaceAll('`', ''), cells.at(-1)]),
    );
    const { 'rate-limit': rateLimit, ...others } = documented;

    expect(rateLimit).toBe('Wait and retry if `Retry-After` is at most 3 s, else fall back');
    expect(
      [3_000, 3_001, undefined].map(ms =>
        actionOf({ kind: 'rate-limit', ...(ms !== undefined && { retryAfterMs: ms }) }),
      ),
    ).toEqual(['retry', 'fall-back', 'fall-back']);
    expect(others).toEqual(
      Object.fromEntries(
        failureKinds.filter(kind => kind !== 'rate-limit').map(kind => [kind, words[actionOf({ kind })]]),
      ),
    );
  });

  test('name the default time limits', () => {
    const { candidates } = parseSettings({ tasks: { chat: [names.openai('gpt-6-sol')] } });
    const limits = candidates[0]?.timeouts;
    const documented = Object.fromEntries(
      tableAfter('### Timeouts').map(cells => [
        cells[0]?.replaceAll('`', ''),
        cells.at(-1)?.replaceAll(',', ''),
      ]),
    );
    expect(documented).toEqual({
      firstChunkMs: `${limits?.firstChunkMs.usualMs} or ${limits?.firstChunkMs.thinkingMs} where the model thinks first`,
      unreadMs: String(limits?.unreadMs),
      attemptMs: String(limits?.attemptMs),
      chunkMs: `${limits?.chunkMs.insideTextMs} inside text ${limits?.chunkMs.elsewhereMs} elsewhere`,
      totalMs: limits?.totalMs === Number.POSITIVE_INFINITY ? 'none' : String(limits?.totalMs),
    });
  });
});

test('names the default settings of fallback', () => {
  const documented = Object.fromEntries(
    tableAfter('`classifyFailure(').map(cells => [
      cells[0]?.replaceAll('`', ''),
      cells.at(-1)?.replaceAll(/(\d),(\d)/g, '$1$2'),
    ]),
  );
  const { attempts, retry, retryBudget, circuitBreaker, classifyTimeoutMs } = defaults;
  const valuesOf = (settings: object) => Object.values(settings).join(', ');
  expect(documented).toEqual({
    attempts: String(attempts),
    retry: valuesOf(retry),
    retryBudget: valuesOf(retryBudget),
    circuitBreaker: valuesOf(circuitBreaker),
    classifyTimeoutMs: String(classifyTimeoutMs),
  });
});

test('every command of the README is a script of the package', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/`npm (?:install && npm )?(start|test|run \w+)`/g)].map(match =>
    match[1]?.replace('run ', ''),
  );
  expect(named).toEqual(['start', 'test']);
  for (const name of named) expect(scripts).toHaveProperty(String(name));
});
