import { APICallError, type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaultServer, type FaultServer, fault, type Reply, respond } from '../../src/testing/index.ts';
import { collect } from './call.ts';
import { clients } from './clients.ts';

// What the official packages make of each fault. They differ, and change between versions: a failure here after an
// update means that the failure kinds have to be looked at again.

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

type Behaviour = Readonly<Record<string, string>>;

const [responses, chat, compatible, google, anthropic] = clients.map(client => client.name) as [
  string,
  string,
  string,
  string,
  string,
];

function each(behaviour: string): Behaviour {
  return Object.fromEntries(clients.map(client => [client.name, behaviour]));
}

const abcd = ['A', 'B', 'C', 'D'];
const rows: readonly { readonly fault: string; readonly reply: Reply; readonly streamed: Behaviour }[] = [
  {
    fault: 'an empty 200',
    reply: respond.empty(),
    streamed: {
      ...each('finish interrupted'),
      [compatible]: 'error AI_InvalidResponseDataError, finish error',
      [anthropic]: '',
    },
  },
  {
    fault: 'a web page with status 200',
    reply: respond.html(),
    streamed: {
      ...each('finish interrupted'),
      [compatible]: 'error AI_InvalidResponseDataError, finish error',
      [anthropic]: '',
    },
  },
  {
    fault: 'a clean end after two of four pieces',
    reply: respond.answer({ text: abcd, faults: [fault.end({ after: 2 })] }),
    streamed: {
      ...each('A, B, finish interrupted'),
      [compatible]: 'A, B, error AI_InvalidResponseDataError, finish error',
    },
  },
  {
    fault: 'a clean end before the first piece',
    reply: respond.answer({ text: abcd, faults: [fault.end({ after: 0 })] }),
    streamed: {
      ...each('finish interrupted'),
      [compatible]: 'error AI_InvalidResponseDataError, finish error',
      [anthropic]: '',
    },
  },
  {
    fault: 'a whole stream without what ends it after the finish',
    reply: respond.answer({ text: abcd, faults: [fault.omit({ roles: ['terminator'] })] }),
    streamed: { ...each('A, B, C, D, finish stop'), [anthropic]: 'A, B, C, D, finish interrupted' },
  },
  {
    fault: 'a whole stream without finish, but with its terminator',
    reply: respond.answer({ text: abcd, faults: [fault.omit({ roles: ['finish'] })] }),
    streamed: {
      ...each('A, B, C, D, finish interrupted'),
      [compatible]: 'A, B, C, D, error AI_InvalidResponseDataError, finish error',
      [anthropic]: 'A, B, C, D, finish other',
    },
  },
  {
    fault: 'one malformed event in the middle',
    reply: respond.answer({ text: abcd, faults: [fault.malformed({ after: 2 })] }),
    streamed: {
      ...each('A, B, error AI_JSONParseError, C, D, finish stop'),
      [responses]: 'A, B, error AI_JSONParseError, C, D, finish error',
    },
  },
  {
    fault: 'one malformed event at the start',
    reply: respond.answer({ text: abcd, faults: [fault.malformed({ after: 'head' })] }),
    streamed: {
      ...each('error AI_JSONParseError, A, B, C, D, finish stop'),
      [responses]: 'error AI_JSONParseError, A, B, C, D, finish error',
      [anthropic]: 'throws Error',
    },
  },
  {
    fault: 'an event of another shape in the middle',
    reply: respond.answer({
      text: abcd,
      faults: [fault.malformed({ after: 2, data: '{"unexpected":true}' })],
    }),
    streamed: {
      ...each('A, B, error AI_TypeValidationError, C, D, finish stop'),
      [responses]: 'A, B, error AI_TypeValidationError, C, D, finish error',
      [google]: 'A, B, C, D, finish stop',
    },
  },
  {
    fault: 'an error event at the start',
    reply: respond.answer({ text: abcd, faults: [fault.error({ after: 'head', kind: 'overloaded' })] }),
    streamed: {
      [responses]: 'throws AI_APICallError 503',
      [chat]: 'throws AI_APICallError 503',
      [compatible]: 'error plain server_is_overloaded, finish error',
      [google]: 'error plain 503 503, finish error',
      [anthropic]: 'throws AI_APICallError 529',
    },
  },
  {
    fault: 'an error event behind the opening of the stream',
    reply: respond.answer({ text: abcd, faults: [fault.error({ after: 'preamble', kind: 'overloaded' })] }),
    streamed: {
      [responses]: 'throws AI_APICallError 503',
      [chat]: 'throws AI_APICallError 503',
      [compatible]: 'error plain server_is_overloaded, finish error',
      [google]: 'error plain 503 503, finish error',
      [anthropic]: 'error plain overloaded_error 529',
    },
  },
  {
    fault: 'an error event after two pieces',
    reply: respond.answer({ text: abcd, faults: [fault.error({ after: 2, kind: 'overloaded' })] }),
    streamed: {
      [responses]: 'A, B, error plain server_is_overloaded 503, finish error',
      [chat]: 'A, B, error plain server_is_overloaded 503, finish error',
      [compatible]: 'A, B, error plain server_is_overloaded, finish error',
      [google]: 'A, B, error plain 503 503, finish error',
      [anthropic]: 'A, B, error plain overloaded_error 529',
    },
  },
  {
    fault: 'a clean end inside of tool arguments, which two packages pass on as a call',
    reply: respond.answer({
      toolCalls: [{ toolName: 'weather', input: ['{"city":', '"Bern"}'] }],
      faults: [fault.end({ after: 1 })],
    }),
    streamed: {
      [responses]: 'finish interrupted',
      [chat]: 'weather({"city":), finish interrupted',
      [compatible]: 'weather({"city":), error AI_InvalidResponseDataError, finish error',
      // Gemini sends a call in one event.
      [google]: 'weather({"city":"Bern"}), finish interrupted',
      [anthropic]: 'finish interrupted',
    },
  },
  {
    fault: 'tool arguments that are not JSON',
    reply: respond.answer({ toolCalls: [{ toolName: 'weather', input: ['{"city": ', 'Bern'] }] }),
    streamed: each('weather({"city": Bern), finish tool-calls'),
  },
  {
    fault: 'a content filter with no output',
    reply: respond.answer({ finish: 'content-filter' }),
    streamed: each('finish content-filter'),
  },
  {
    fault: 'a refusal in the refusal field',
    reply: respond.answer({ refusal: 'No.' }),
    streamed: {
      ...each('No., finish stop'),
      [responses]: 'No., finish content-filter',
      [chat]: 'No., finish content-filter',
      [compatible]: 'No., finish content-filter',
    },
  },
  {
    fault: 'a missing model id',
    reply: respond.answer({ text: 'A', model: null }),
    streamed: {
      ...each('A, finish stop'),
      [responses]: 'error AI_TypeValidationError, error AI_TypeValidationError, A, finish error',
    },
  },
  {
    fault: 'missing usage',
    reply: respond.answer({ text: 'A', usage: null }),
    streamed: { ...each('A, finish stop'), [anthropic]: 'throws Error' },
  },
];

describe.each(rows)('$fault', ({ reply, streamed }) => {
  test.each(clients)('$name', async ({ name, model }) => {
    const account = server.account('row');
    account.script([reply]);
    const { parts, thrown } = await collect({ model: model(account.baseUrl) });
    expect(
      [
        ...parts.flatMap(described),
        ...(thrown === undefined ? [] : [`throws ${describedError(thrown)}`]),
      ].join(', '),
    ).toBe(streamed[name]);
  });
});

function described(part: LanguageModelV4StreamPart): readonly string[] {
  switch (part.type) {
    case 'text-delta':
      return part.delta === '' ? [] : [part.delta];
    case 'tool-call':
      return [`${part.toolName}(${part.input})`];
    case 'finish':
      return [`finish ${part.finishReason.unified}`];
    case 'error':
      return [`error ${describedError(part.error)}`];
    default:
      return [];
  }
}

function describedError(error: unknown): string {
  if (APICallError.isInstance(error)) return `${error.name} ${error.statusCode}`;
  if (error instanceof Error) return error.name;
  if (typeof error !== 'object' || error === null) return String(error);
  const fields = new Map(Object.entries(error));
  const known = [fields.get('code') ?? fields.get('type'), fields.get('statusCode')];
  return ['plain', ...known.filter(value => value !== undefined)].join(' ');
}
