import { generateText, streamText } from 'ai';
import type { CompositeMetadata, FailureKind } from 'ai-composite';
import {
  compositeMetadata,
  createComposite,
  RouteExhaustedError,
  StreamInterruptedError,
} from 'ai-composite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createFaultServer,
  createGate,
  type FaultServer,
  type Gate,
  type Reply,
  respond,
} from '../../src/testing/index.ts';
import { type Client, clients } from '../testing/clients.ts';
import type { EngineOptions } from './engine-options.ts';

/** How a call that met a fault must end. */
export type Verdict =
  /** The second candidate's answer, whole. */
  | {
      readonly type: 'fallback';
      readonly kind: FailureKind | readonly FailureKind[];
      readonly attempts?: number;
    }
  /** The first candidate's answer. */
  | {
      readonly type: 'answer';
      readonly text?: string;
      readonly finish?: string;
      readonly retried?: FailureKind;
    }
  /** The first candidate's answer, which the second must not replace. */
  | { readonly type: 'refusal' }
  /** An error, and the second candidate is not asked. */
  | { readonly type: 'stop'; readonly kind: FailureKind }
  /** The text so far, then a visible error. */
  | { readonly type: 'break'; readonly kind: FailureKind | readonly FailureKind[]; readonly text?: string };

/** One fault at the wire, and what follows from it. */
export type WireCase = {
  readonly name: string;
  /** The replies of the first candidate's account. The gate opens when the reader has seen the last delta of a break. */
  readonly replies: (gate: Gate) => readonly Reply[];
  readonly modes?: readonly Mode[];
  /** The first candidate's package; default: each of the four protocols'. */
  readonly clients?: readonly Client[];
  readonly only?: (client: Client) => boolean;
  readonly verdict: (where: { readonly client: Client; readonly mode: Mode }) => Verdict;
  /** Limits of the first candidate. */
  readonly timeout?: {
    readonly attemptMs?: number;
    readonly firstChunkMs?: number;
    readonly chunkMs?: number;
  };
  /** The abandoned request's socket must have been closed by us. */
  readonly closesSocket?: boolean;
  readonly settings?: EngineOptions;
};

type Mode = 'generateText' | 'streamText';
const modes: readonly Mode[] = ['generateText', 'streamText'];

export const primaryText = ['A', 'B', 'C', 'D'];
const backupText = ['from ', 'the ', 'second'];
const backupUsage = { inputTokens: 7, outputTokens: 3 };

/** Runs every case with every client, generated and streamed, before a second candidate of another protocol. */
export function describeWireFaults(cases: readonly WireCase[]): void {
  let server: FaultServer;
  beforeAll(async () => {
    server = await createFaultServer();
  });
  afterAll(() => server.close());

  for (const [caseIndex, wireCase] of cases.entries()) {
    describe(wireCase.name, () => {
      for (const [clientIndex, client] of (wireCase.clients ?? clients).entries()) {
        if (wireCase.only?.(client) === false) continue;
        // Another protocol each time, so that every pair meets.
        const backup = clients[(clientIndex + 1 + (caseIndex % 4)) % clients.length] ?? client;
        for (const mode of wireCase.modes ?? modes) {
          test(`${mode}, ${client.name} before ${backup.name}`, () =>
            runCase({ server, wireCase, client, backup, mode }));
        }
      }
    });
  }
}

let accounts = 0;

async function runCase({
  server,
  wireCase,
  client,
  backup,
  mode,
}: {
  readonly server: FaultServer;
  readonly wireCase: WireCase;
  readonly client: Client;
  readonly backup: Client;
  readonly mode: Mode;
}): Promise<void> {
  accounts += 1;
  const first = server.account(`first${accounts}`);
  const second = server.account(`second${accounts}`);
  const gate = createGate();
  first.script(wireCase.replies(gate));
  second.script([respond.answer({ text: backupText, usage: backupUsage, model: 'served-by-second' })]);
  const model = createComposite({
    tasks: {
      chat: [
        {
          model: client.model(first.baseUrl),
          name: 'first',
          ...(wireCase.timeout && { timeout: wireCase.timeout }),
        },
        { model: backup.model(second.baseUrl), name: 'second' },
      ],
    },
    retry: { initialDelayMs: 1 },
    ...wireCase.settings,
  });
  const verdict = wireCase.verdict({ client, mode });
  const run = await (mode === 'generateText' ? generate : stream)({
    model,
    lastDelta: verdict.type === 'break' ? verdict.text?.at(-1) : undefined,
    gate,
  });

  const attempts = run.report?.attempts.map(({ candidate, outcome, failureKind }) => [
    candidate,
    outcome,
    failureKind,
  ]);
  switch (verdict.type) {
    case 'fallback': {
      expect(run).toMatchObject({ text: backupText.join(''), finishReason: 'stop', errors: [] });
      const kind = run.report?.attempts[0]?.failureKind;
      expect([verdict.kind].flat()).toContain(kind);
      const failure = ['first', 'failure', kind];
      const expected = verdict.attempts ?? 1;
      expect(attempts).toEqual([
        ...Array.from({ length: expected }, () => failure),
        ['second', 'success', undefined],
      ]);
      expect(run.report?.candidate).toBe('second');
      expect(run.modelId).toBe(backup.protocol === 'google' ? 'gemini-3.8-flash' : 'served-by-second');
      expect(run.usage).toMatchObject(backupUsage);
      expect(first.requests.length).toBe(expected);
      expect(second.requests.length).toBe(1);
      break;
    }
    case 'answer': {
      const text = verdict.text ?? primaryText.join('');
      expect(run).toMatchObject({ text, finishReason: verdict.finish ?? 'stop', errors: [] });
      const failures = verdict.retried === undefined ? [] : [['first', 'failure', verdict.retried]];
      expect(attempts).toEqual([...failures, ['first', 'success', undefined]]);
      expect(run.modelId).not.toBe('served-by-second');
      expect(first.requests.length).toBe(failures.length + 1);
      expect(second.requests.length).toBe(0);
      break;
    }
    case 'refusal':
      expect(run).toMatchObject({ text: '', finishReason: 'content-filter', errors: [] });
      expect(attempts).toEqual([['first', 'failure', 'content-filter']]);
      expect(second.requests.length).toBe(0);
      break;
    case 'stop': {
      const [error] = run.errors;
      expect(RouteExhaustedError.isInstance(error)).toBe(true);
      if (!RouteExhaustedError.isInstance(error)) return;
      expect(error.attempts.map(({ candidate, failureKind }) => [candidate, failureKind])).toEqual([
        ['first', verdict.kind],
      ]);
      expect(first.requests.length).toBe(1);
      expect(second.requests.length).toBe(0);
      break;
    }
    case 'break': {
      const [error] = run.errors;
      expect(StreamInterruptedError.isInstance(error)).toBe(true);
      if (StreamInterruptedError.isInstance(error))
        expect([verdict.kind].flat()).toContain(error.failureKind);
      expect(run.errors.length).toBe(1);
      expect(run.finishReason).toBe('error');
      if (verdict.text !== undefined) expect(run.text).toBe(verdict.text);
      expect(attempts?.map(([candidate, outcome]) => [candidate, outcome])).toEqual([['first', 'failure']]);
      expect(first.requests.length).toBe(1);
      expect(second.requests.length).toBe(0);
      break;
    }
    default: {
      const unknownVerdict: never = verdict;
      return unknownVerdict;
    }
  }
  // Nothing may be left open, whoever closed it.
  const ends = await Promise.all([...first.requests, ...second.requests].map(({ closed }) => closed));
  if (wireCase.closesSocket) expect(ends[0]).toBe('closed-by-client');
}

type Run = {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly errors: readonly unknown[];
  readonly report: CompositeMetadata | undefined;
  readonly modelId: string | undefined;
  readonly usage: unknown;
};
type RunOptions = {
  readonly model: Parameters<typeof generateText>[0]['model'];
  readonly lastDelta: string | undefined;
  readonly gate: Gate;
};

async function generate({ model }: RunOptions): Promise<Run> {
  try {
    const result = await generateText({ model, prompt: 'Say something.' });
    return {
      text: result.text,
      finishReason: result.finishReason,
      errors: [],
      report: compositeMetadata(result),
      modelId: result.response.modelId,
      usage: result.usage,
    };
  } catch (error) {
    return {
      text: '',
      finishReason: undefined,
      errors: [error],
      report: undefined,
      modelId: undefined,
      usage: undefined,
    };
  }
}

async function stream({ model, lastDelta, gate }: RunOptions): Promise<Run> {
  let text = '';
  let finishReason: string | undefined;
  const errors: unknown[] = [];
  let report: CompositeMetadata | undefined;
  let modelId: string | undefined;
  let usage: unknown;
  const { fullStream } = streamText({ model, prompt: 'Say something.', onError: () => {} });
  for await (const part of fullStream) {
    switch (part.type) {
      case 'text-delta':
        text += part.text;
        if (part.text === lastDelta) gate.open();
        break;
      case 'error':
        errors.push(part.error);
        break;
      case 'finish-step':
        ({ finishReason, usage } = part);
        report = compositeMetadata(part);
        modelId = part.response.modelId;
    }
  }
  return { text, finishReason, errors, report, modelId, usage };
}
