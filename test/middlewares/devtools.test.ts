import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  generateText,
  isStepCount,
  type LanguageModelMiddleware,
  streamText,
  type Telemetry,
  tool,
  wrapLanguageModel,
} from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createFaultServer, respond } from '../../src/testing/index.ts';
import { clients } from '../testing/clients.ts';

type Devtools = typeof import('@ai-sdk/devtools');
type Step = {
  readonly run_id: string;
  readonly step_number: number;
  readonly model_id: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly usage: string | null;
};

/** It writes into the folder in which its process was when it was loaded. */
const folder = mkdtempSync(path.join(tmpdir(), 'ai-composite-devtools-'));
const before = process.cwd();
let devtools: Devtools;
beforeAll(async () => {
  process.chdir(folder);
  devtools = await import('@ai-sdk/devtools');
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** Its types are those of an older `@ai-sdk/provider`, which has no finish reason `interrupted`. */
function devToolsMiddleware(): LanguageModelMiddleware {
  return devtools.devToolsMiddleware() as LanguageModelMiddleware;
}

function steps(): ReadonlyArray<Step> {
  const written: { readonly steps: ReadonlyArray<Step> } = JSON.parse(
    readFileSync(path.join(folder, '.devtools/generations.json'), 'utf8'),
  );
  return written.steps;
}

const [client] = clients;
const tools = { weather: tool({ inputSchema: z.object({}), execute: async () => 'sunny' }) };
const lookUp = respond.answer({ toolCalls: [{ toolName: 'weather', input: {} }], finish: 'tool-calls' });

describe.each(['generate', 'stream'] as const)("the SDK's DevTools (%s)", mode => {
  const run = async ({
    wrap,
    telemetry,
  }: {
    readonly wrap: 'composite' | 'candidates' | 'nothing';
    readonly telemetry?: { readonly integrations: Telemetry[] };
  }) => {
    await using server = await createFaultServer();
    const [primary, backup] = [server.account('primary'), server.account('backup')];
    primary.script([respond.error({ kind: 'auth' }), respond.error({ kind: 'auth' })]);
    backup.script([lookUp, respond.answer({ text: 'It is sunny.' })]);
    const inside = wrap === 'candidates' ? devToolsMiddleware() : [];
    const modelOf = (baseUrl: string) => {
      if (client === undefined) throw new Error('no client');
      return wrapLanguageModel({ model: client.model(baseUrl), middleware: inside });
    };
    const composite = createComposite(
      [
        { model: modelOf(primary.baseUrl), name: 'primary' },
        { model: modelOf(backup.baseUrl), name: 'backup' },
      ],
      { attempts: 1, circuitBreaker: false, affinity: false },
    );
    const model =
      wrap === 'composite'
        ? wrapLanguageModel({ model: composite, middleware: devToolsMiddleware() })
        : composite;
    const options = {
      model,
      tools,
      prompt: 'Is it sunny?',
      stopWhen: isStepCount(4),
      ...(telemetry && { telemetry }),
    };
    const known = wrap === 'nothing' && telemetry === undefined ? 0 : countOf();
    if (mode === 'generate') {
      const result = await generateText(options);
      expect([result.text, compositeMetadata(result)?.candidate]).toEqual(['It is sunny.', 'backup']);
    } else {
      const result = streamText(options);
      expect(await result.text).toBe('It is sunny.');
      expect((await compositeMetadata(result))?.candidate).toBe('backup');
    }
    return steps().slice(known);
  };

  test('around a composite show each of its calls, with what was answered', async () => {
    const own = await run({ wrap: 'composite' });
    expect(own.map(({ step_number, error }) => [step_number, error])).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(own[1]?.output).toContain('It is sunny.');
    expect(new Set(own.map(({ run_id }) => run_id)).size).toBe(1);
  });

  test('around candidates show each attempt, the failed ones too', async () => {
    const own = await run({ wrap: 'candidates' });
    expect(own.map(({ model_id, error }) => [model_id, error !== null])).toEqual([
      ['gpt-6-sol', true],
      ['gpt-6-sol', false],
      ['gpt-6-sol', true],
      ['gpt-6-sol', false],
    ]);
  });

  test('as the telemetry of a call show its steps', async () => {
    const own = await run({
      wrap: 'nothing',
      telemetry: { integrations: [devtools.DevToolsTelemetry()] },
    });
    expect(own).toHaveLength(2);
    expect(own[1]?.output).toContain('It is sunny.');
  });
});

function countOf(): number {
  try {
    return steps().length;
  } catch {
    return 0;
  }
}
