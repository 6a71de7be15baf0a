import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { createComposite, RouteExhaustedError, StreamInterruptedError } from 'ai-composite';
import { expect, test } from 'vitest';
import { createFaultServer } from '../../src/testing/index.ts';
import { call } from '../testing/call.ts';
import { clients } from '../testing/clients.ts';
import { moreClients } from '../testing/more-clients.ts';
import { damagedReply, picking, seededRandom } from './damage.ts';
import { createEventLog } from './event-log.ts';

/** By hand: `DAMAGE_RUNS=20000 DAMAGE_SEED=7 npx vitest run test/fallback/damage.test.ts`. */
const runs = Number(process.env.DAMAGE_RUNS ?? 500);
const seed = Number(process.env.DAMAGE_SEED ?? 1);

const everyClient = [...clients, ...moreClients];
const [someClient] = everyClient;
if (someClient === undefined) throw new Error('no client');

/** What a candidate answers whole: its text and the calls it makes, as one text. */
type Whole = { readonly answer: object; readonly pieces: readonly string[]; readonly told: string };

function wholeAnswer({ who, shape }: { readonly who: string; readonly shape: number }): Whole {
  const text = Array.from({ length: 1 + (shape % 5) }, (_, index) => `${who}${index} ü"\\n `);
  if (shape % 3 !== 0) return { answer: { text }, pieces: text, told: text.join('') };
  const input = [`{"city":"${who}`, ' über "'.replace('"', ''), `Bern","days":${shape % 7}}`];
  const spoken = shape % 2 === 0 ? text : [];
  return {
    answer: { text: spoken, toolCalls: [{ toolName: 'weather', input }] },
    pieces: [...spoken, ...input],
    told: `${spoken.join('')}weather(${input.join('')})`,
  };
}

const tell = (part: LanguageModelV4StreamPart) => {
  if (part.type === 'text-delta') return part.delta;
  return part.type === 'tool-call' ? `${part.toolName}(${part.input})` : '';
};

/** Timers that count themselves. */
function countingClock() {
  let pending = 0;
  return {
    pending: () => pending,
    now: () => Date.now(),
    schedule: ({ delayMs, callback }: { readonly delayMs: number; readonly callback: () => void }) => {
      pending += 1;
      let open = true;
      const settle = () => {
        if (open) pending -= 1;
        open = false;
      };
      const timer = setTimeout(() => {
        settle();
        callback();
      }, delayMs);
      return () => {
        clearTimeout(timer);
        settle();
      };
    },
  };
}

test(`whatever happens to whole streams on their way, an answer without an error is one candidate's (${runs} calls, seed ${seed})`, {
  timeout: 30_000 + runs * 50,
}, async () => {
  await using server = await createFaultServer();
  const clock = countingClock();
  const broken: string[] = [];
  const counts = { whole: 0, interrupted: 0, exhausted: 0 };

  const play = async (run: number) => {
    const pick = picking(seededRandom(seed * 1_000_003 + run));
    const log = createEventLog();
    const candidates = ['a', 'b'].map(who => {
      const client = everyClient[pick.below(everyClient.length)] ?? someClient;
      const account = server.account(`${who}${run}`);
      const whole = wholeAnswer({ who, shape: pick.below(30) });
      const replies = [0, 1].map(() => damagedReply({ pick, answer: whole.answer, pieces: whole.pieces }));
      account.script(replies.map(({ reply }) => reply));
      return { who, client, account, whole, damage: replies.map(({ name }) => name) };
    });
    const model = createComposite({
      tasks: {
        chat: candidates.map(({ who, client, account }) => ({
          name: who,
          model: client.model(account.baseUrl),
        })),
      },
      retry: { initialDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 0 },
      pricing: { catalog: false },
      clock,
      ...log.observers,
    });

    let told = '';
    let errors = 0;
    const ends: string[] = [];
    let thrown: unknown;
    try {
      const reader = (await model.doStream(call())).stream.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        told += tell(next.value);
        if (next.value.type === 'error')
          errors += StreamInterruptedError.isInstance(next.value.error) ? 1 : 100;
        if (next.value.type === 'finish') ends.push(next.value.finishReason.unified);
      }
    } catch (error) {
      thrown = error;
    }
    const wholes = candidates.map(({ whole }) => whole.told);
    const isLawful = (() => {
      if (thrown !== undefined) return RouteExhaustedError.isInstance(thrown);
      if (errors === 0) return wholes.includes(told) && ends.length === 1 && ends[0] !== 'error';
      return (
        errors === 1 && ends.length === 1 && ends[0] === 'error' && wholes.some(text => text.startsWith(told))
      );
    })();
    counts[thrown !== undefined ? 'exhausted' : errors > 0 ? 'interrupted' : 'whole'] += 1;
    // Every start has one end, and so has the call.
    const numbers = log.starts.map(({ attemptNumber }) => attemptNumber).join();
    const hasEnds = log.ends.map(({ attemptNumber }) => attemptNumber).join() === numbers;
    if (!isLawful || !hasEnds || log.calls.length !== 1) {
      const of = candidates.map(({ client, damage, whole }) => ({
        client: client.name,
        damage,
        told: whole.told,
      }));
      broken.push(JSON.stringify({ run, told, ends, errors, thrown: String(thrown), hasEnds, of }));
    }
  };

  const next = Array.from({ length: runs }, (_, run) => run)[Symbol.iterator]();
  const lane = async () => {
    for (const run of next) {
      await play(run);
      // Bodies of requests are kept by the server until they are forgotten.
      if (run % 200 === 199) server.forgetRequests();
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));

  expect(broken).toEqual([]);
  // The damage is real, and so is the rescue.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(runs / 100);
  // Nothing is left behind: no socket, no timer.
  await Promise.all(server.requests.map(({ closed }) => closed));
  await expect.poll(() => clock.pending(), { timeout: 5_000 }).toBe(0);
});
