import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  createFaultServer,
  type Fault,
  type FaultServer,
  fault,
  type ProtocolName,
  respond,
} from '../../src/testing/index.ts';
import { plainRequests, streamRequests } from './raw-client.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

type StreamRequest = (typeof streamRequests)[number];

let accounts = 0;
async function post({
  request: { path, body },
  answer = { text: ['A1', 'B2', 'C3'] },
  faults,
}: {
  request: { path: string; body: object };
  answer?: Answer;
  faults: readonly Fault[];
}): Promise<{ status: number; text: string }> {
  accounts += 1;
  const account = server.account(`account-${accounts}`);
  account.script([respond.answer({ ...answer, faults })]);
  const response = await fetch(`${account.baseUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

/** The events of a stream in short: pieces by their text, everything else by what it is. */
async function events(options: {
  request: StreamRequest;
  answer?: Answer;
  faults: readonly Fault[];
}): Promise<readonly string[]> {
  const { text } = await post(options);
  return text
    .split(/\r?\n\r?\n/)
    .filter(block => block !== '')
    .map(shortened);
}

function shortened(block: string): string {
  if (block.startsWith(':')) return 'ping';
  const data = block.slice(block.indexOf('data: ') + 6);
  const piece = /"(?:delta|content|text|thinking|reasoning_content)":"(A1|B2|C3|R1|R2)"/.exec(data);
  const isPiece = piece !== null && !/\.done"|part"/.test(data);
  if (isPiece) return piece[1] ?? '';
  if (data === '[DONE]') return '[DONE]';
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(data);
  } catch {
    return `broken ${data}`;
  }
  if (typeof value.type === 'string') return value.type;
  if ('error' in value) return 'error';
  if (data.includes('"finishReason":"') || data.includes('"finish_reason":"')) return 'finish';
  return data.includes('"role":"assistant"') ? 'role' : Object.keys(value).join();
}

const opening: Readonly<Record<ProtocolName, readonly string[]>> = {
  'openai-responses': ['response.created', 'response.in_progress'],
  'openai-chat': ['role'],
  google: [],
  anthropic: ['message_start'],
};
// The events that open and close the block of text, and its block index.
const before: Readonly<Record<ProtocolName, readonly string[]>> = {
  'openai-responses': ['response.output_item.added', 'response.content_part.added'],
  'openai-chat': [],
  google: [],
  anthropic: ['ping', 'content_block_start'],
};
const behind: Readonly<Record<ProtocolName, readonly string[]>> = {
  'openai-responses': [
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
  ],
  'openai-chat': [],
  google: [],
  anthropic: ['content_block_stop'],
};
const finish: Readonly<Record<ProtocolName, string>> = {
  'openai-responses': 'response.completed',
  'openai-chat': 'finish',
  google: 'finish',
  anthropic: 'message_delta',
};
const terminator: Readonly<Record<ProtocolName, readonly string[]>> = {
  'openai-responses': [],
  'openai-chat': ['[DONE]'],
  google: [],
  anthropic: ['message_stop'],
};
const streamError: Readonly<Record<ProtocolName, readonly string[]>> = {
  'openai-responses': ['error', 'response.failed'],
  'openai-chat': ['error'],
  google: ['error'],
  anthropic: ['error'],
};

describe.each(streamRequests)('$protocol', request => {
  const { protocol } = request;
  const start = [...opening[protocol], ...before[protocol]];
  const close = [...behind[protocol], finish[protocol], ...terminator[protocol]];
  const pieces = ['A1', 'B2', 'C3'];

  test('a whole stream, event by event', async () => {
    expect(await events({ request, faults: [] })).toEqual([...start, ...pieces, ...close]);
  });

  test.each([
    { after: 'head', index: 0 },
    { after: 'preamble', index: opening[protocol].length },
    { after: 0, index: start.length },
    { after: 1, index: start.length + 1 },
    { after: 3, index: start.length + 3 },
    { after: 99, index: start.length + 3 },
  ] as const)(
    'puts one malformed event after $after into an otherwise whole stream',
    async ({ after, index }) => {
      const whole = [...start, ...pieces, ...close];
      expect(await events({ request, faults: [fault.malformed({ after })] })).toEqual(
        whole.toSpliced(index, 0, 'broken {"id":"broken'),
      );
    },
  );

  test('puts an event of your own into the stream', async () => {
    const faults = [fault.malformed({ after: 2, data: '{"unexpected":true}' })];
    expect(await events({ request, faults })).toEqual([
      ...start,
      ...['A1', 'B2', 'unexpected', 'C3'],
      ...close,
    ]);
  });

  test('counts only the pieces it is told to count', async () => {
    const { text } = await post({
      request,
      answer: { reasoning: ['R1', 'R2'], text: ['A1', 'B2'] },
      faults: [fault.end({ after: 1, of: 'text' })],
    });
    expect(text).toContain('R2');
    expect(text).toContain('A1');
    expect(text).not.toContain('B2');
  });

  test('ends after the pieces when there is a proper finish missing', async () => {
    const faults = [fault.omit({ roles: ['finish', 'usage', 'terminator'] })];
    expect(await events({ request, faults })).toEqual([...start, ...pieces, ...behind[protocol]]);
  });

  test('leaves out only what ends the stream after the finish', async () => {
    const faults = [fault.omit({ roles: ['terminator'] })];
    expect(await events({ request, faults })).toEqual([
      ...start,
      ...pieces,
      ...behind[protocol],
      finish[protocol],
    ]);
  });

  test('sends what comes before the first piece, and ends', async () => {
    expect(await events({ request, faults: [fault.end({ after: 0 })] })).toEqual(start);
    expect(await events({ request, faults: [fault.end({ after: 'preamble' })] })).toEqual(opening[protocol]);
    expect(await events({ request, faults: [fault.end({ after: 'head' })] })).toEqual([]);
  });

  test('sends an error event instead of the rest, at any place', async () => {
    const error = streamError[protocol];
    const at = (after: number | 'head' | 'preamble') =>
      events({ request, faults: [fault.error({ after, kind: 'overloaded' })] });

    expect(await at('head')).toEqual(error);
    expect(await at('preamble')).toEqual([...opening[protocol], ...error]);
    expect(await at(2)).toEqual([...start, 'A1', 'B2', ...error]);
  });

  test('sends keep-alive signs before the first piece', async () => {
    const faults = [fault.ping({ after: 0, count: 3, until: 1 })];
    expect(await events({ request, faults })).toEqual([
      ...start,
      'ping',
      'ping',
      'ping',
      ...pieces,
      ...close,
    ]);
  });

  test('sends a piece twice, or two pieces in the wrong order', async () => {
    expect(await events({ request, faults: [fault.duplicate({ after: 2 })] })).toEqual([
      ...start,
      ...['A1', 'B2', 'B2', 'C3'],
      ...close,
    ]);
    expect(await events({ request, faults: [fault.swap({ after: 1 })] })).toEqual([
      ...start,
      ...['B2', 'A1', 'C3'],
      ...close,
    ]);
  });

  test('puts several faults together, in order', async () => {
    const faults = [fault.duplicate({ after: 1 }), fault.malformed({ after: 2 }), fault.end({ after: 3 })];
    expect(await events({ request, faults })).toEqual([...start, 'A1', 'A1', 'broken {"id":"broken', 'B2']);
  });

  test('takes a fault of your own', async () => {
    const shout: Fault = ({ wire, exchange }) => ({
      ...wire,
      steps: wire.steps.map(step =>
        step.type === 'write' ? { ...step, text: step.text.replaceAll('A1', exchange.model) } : step,
      ),
    });
    const { text } = await post({ request, faults: [shout] });
    expect(text).toContain('"m"');
    expect(text).not.toContain('A1');
  });
});

describe.each(plainRequests)('$protocol, not streamed', request => {
  test('answers an error inside the stream as an error with its status', async () => {
    const { status, text } = await post({ request, faults: [fault.error({ after: 2, kind: 'overloaded' })] });
    expect(status).toBe(request.protocol === 'anthropic' ? 529 : 503);
    expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String) } });
  });

  test('spoils the body with malformed data', async () => {
    const { status, text } = await post({ request, faults: [fault.malformed({ after: 2 })] });
    expect(status).toBe(200);
    expect(text).toContain('{"id":"broken');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('is not changed by faults that only a stream can have', async () => {
    const faults = [
      fault.ping({ after: 0 }),
      fault.duplicate({ after: 1 }),
      fault.swap({ after: 1 }),
      fault.omit({ roles: ['finish', 'usage', 'terminator'] }),
    ];
    const [changed, whole] = [await post({ request, faults }), await post({ request, faults: [] })];
    // Ids name the account, and some bodies carry the time.
    const comparable = (text: string): string => text.replace(/account-\d+|\d{10}/g, '');
    expect(comparable(changed.text)).toBe(comparable(whole.text));
  });
});
