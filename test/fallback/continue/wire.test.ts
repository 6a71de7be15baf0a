import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { compositeMetadata, createComposite, StreamInterruptedError } from 'ai-composite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createFaultServer,
  type Fault,
  type FaultServer,
  type Reply,
  respond,
} from '../../../src/testing/index.ts';
import { collect, textOf } from '../../testing/call.ts';
import { type Client, clients } from '../../testing/clients.ts';
import { createEventLog } from '../event-log.ts';

/**
 * By hand, every byte: `EVERY_BYTE=0 npx vitest run test/fallback/continue/wire.test.ts`; other numbers pair the bytes with
 * other behaviours.
 */
const { EVERY_BYTE } = process.env;
const stride = EVERY_BYTE === undefined ? 211 : 1;
const shift = Number(EVERY_BYTE ?? 0);

const pieces = [
  'Once upon ',
  'a time ',
  '👩‍💻 said:\n\n',
  '```ts\n',
  'const a = "ü";\n',
  '```\n',
  'The ',
  'end.',
];
const whole = pieces.join('');
const other = ['Another', ' answer', ' altogether.'];

let server: FaultServer;
beforeAll(async () => {
  server = await createFaultServer();
});
afterAll(() => server.close());

/** Ends the body of a response behind so many characters of it, properly or not. */
function breakAt({ at, type }: { readonly at: number; readonly type: 'end' | 'cut' }): Fault {
  return ({ wire }) => {
    let left = at;
    const steps = [];
    for (const step of wire.steps) {
      if (step.type !== 'write') {
        steps.push(step);
        continue;
      }
      steps.push({ ...step, text: step.text.slice(0, left) });
      left -= step.text.length;
      if (left <= 0) break;
    }
    // What was written right before a connection breaks may get lost on the way.
    return { ...wire, steps: [...steps, { type: 'pause', until: 2 }, { type }] };
  };
}

/** How long the body is; found out by looking at it on its way. */
async function lengthOf(client: Client): Promise<number> {
  let length = 0;
  const account = server.account(`length ${client.name}`);
  const measure: Fault = ({ wire }) => {
    length = wire.steps.reduce((sum, step) => sum + (step.type === 'write' ? step.text.length : 0), 0);
    return wire;
  };
  account.script([respond.answer({ text: pieces, faults: [measure] })]);
  await collect({ model: client.model(account.baseUrl), options: { prompt: [] } });
  return length;
}

/** The text of an assistant message at the end of a request, in whatever protocol. */
function prefillIn(body: unknown): string | undefined {
  const of = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
    path.reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
      value,
    );
  const list = of(body, 'messages') ?? of(body, 'contents') ?? of(body, 'input');
  const last: unknown = Array.isArray(list) ? list.at(-1) : undefined;
  const role = of(last, 'role');
  if (role !== 'assistant' && role !== 'model') return undefined;
  const content = of(last, 'content') ?? of(last, 'parts');
  const text = typeof content === 'string' ? content : of(content, 0, 'text');
  return typeof text === 'string' ? text : undefined;
}

const behaviours = ['taken', 'refused', 'starts over', 'ends at once', 'restart', 'other words'] as const;
type Behaviour = (typeof behaviours)[number];

/** What the second candidate answers; the texts are in the words of the first. */
const replyOf =
  (behaviour: Behaviour): Reply =>
  exchange => {
    const sent = prefillIn(exchange.body);
    const text = (own: readonly string[]) => respond.answer({ text: own })(exchange);
    if (behaviour === 'other words') return text(other);
    if (sent === undefined || behaviour === 'starts over') return text(pieces);
    if (behaviour === 'refused') return respond.error({ kind: 'invalid-request' })(exchange);
    if (behaviour === 'ends at once') return text([]);
    const rest = whole.slice(sent.length);
    return text([rest.slice(0, 3), rest.slice(3)].filter(piece => piece !== ''));
  };

async function play({
  client,
  second,
  at,
  type,
  behaviour,
}: {
  readonly client: Client;
  readonly second: Client;
  readonly at: number;
  readonly type: 'end' | 'cut';
  readonly behaviour: Behaviour;
}) {
  const key = `${client.name} ${at} ${type} ${behaviour}`;
  const [first, next] = [server.account(`first ${key}`), server.account(`second ${key}`)];
  first.script([respond.answer({ text: pieces, faults: [breakAt({ at, type })] })]);
  next.script([replyOf(behaviour)]);
  const log = createEventLog();
  const model = createComposite({
    tasks: {
      chat: [
        { model: client.model(first.baseUrl), name: 'first' },
        {
          model: second.model(next.baseUrl),
          name: 'second',
          capabilities: { prefill: behaviour !== 'restart' && behaviour !== 'other words' },
        },
      ],
    },
    recover: 'continue',
    attempts: 1,
    pricing: { catalog: false, onWarning: () => {} },
    ...log.observers,
  });
  const { parts, thrown } = await collect({
    model,
    options: { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Tell.' }] }] },
  });
  const errors = parts.flatMap(part => (part.type === 'error' ? [part.error] : []));
  return { parts, thrown, errors, log, report: reportOf(parts.at(-1)) };
}

function reportOf(last: LanguageModelV4StreamPart | undefined) {
  return last?.type === 'finish' ? compositeMetadata(last) : undefined;
}

type Played = Awaited<ReturnType<typeof play>>;

/** Undefined where all is as it should be. */
function wrongIn({
  played: { parts, thrown, errors, log, report },
  behaviour,
}: {
  readonly played: Played;
  readonly behaviour: Behaviour;
}): string | undefined {
  const told = textOf(parts);
  const count = (type: string) => parts.filter(part => part.type === type).length;
  const ends = log.ends.map(({ attemptNumber }) => attemptNumber).join();
  const finish = parts.at(-1);
  if (thrown !== undefined || finish?.type !== 'finish') return `thrown ${String(thrown)}`;
  if (ends !== log.starts.map(({ attemptNumber }) => attemptNumber).join() || log.calls.length !== 1)
    return 'events';
  const isBroken = errors.length > 0;
  if (isBroken && (errors.length > 1 || !StreamInterruptedError.isInstance(errors[0]))) return 'errors';
  if (isBroken !== (finish.finishReason.unified === 'error')) return 'finish reason';
  if (count('finish') !== 1) return 'finish';
  const isOther = told === other.join('');
  // Nothing had been delivered, so the second candidate simply answered, or its own beginning was matched.
  if (!isBroken && !isOther && count('text-start') + count('text-end') !== 2) return 'blocks';
  if (isBroken) return behaviour === 'other words' && whole.startsWith(told) ? undefined : 'broken';
  if (behaviour === 'ends at once') return whole.startsWith(told) ? undefined : 'text';
  if (told !== whole && !(behaviour === 'other words' && isOther)) return 'text';
  const makers = report?.recovered?.parts;
  const isContinued = log.ends.some(
    ({ outcome, recovery }) => outcome === 'success' && recovery !== undefined,
  );
  if (isContinued !== (makers?.at(-1)?.candidate === 'second')) return 'report';
  return (makers?.at(-1)?.offset ?? 0) <= told.length ? undefined : 'offset';
}

test.each(clients)(
  '$name: broken at any byte, an answer is whole or broken, never two',
  async client => {
    const length = await lengthOf(client);
    const cases = [];
    for (let at = 0, count = 0; at <= length; at += stride, count++) {
      const type = (count >> 1) % 2 === 0 ? ('end' as const) : ('cut' as const);
      const behaviour = behaviours[(count + shift) % behaviours.length] ?? 'taken';
      // The second one may be of another protocol.
      const second = clients[(clients.indexOf(client) + count + shift) % clients.length] ?? client;
      cases.push({ client, second, at, type, behaviour });
    }
    const wrong: string[] = [];
    let continued = 0;
    const queue = cases[Symbol.iterator]();
    const lane = async () => {
      for (const own of queue) {
        const played = await play(own);
        if (played.report?.recovered !== undefined) continued += 1;
        const problem = wrongIn({ played, behaviour: own.behaviour });
        if (problem !== undefined)
          wrong.push(
            `${problem}: ${own.second.name} ${own.at} ${own.type} ${own.behaviour}: ${textOf(played.parts)} [${played.log.events.join(', ')}]`,
          );
      }
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    expect(wrong).toEqual([]);
    expect(continued).toBeGreaterThan(cases.length / 4);
  },
  600_000,
);
