import type { ReceivedRequest } from './received-request.ts';
import { type Reply, respond } from './respond.ts';

/** Replies per request in order, the last one repeating; or a function that answers each request. */
export type Script = readonly Reply[] | ((request: ReceivedRequest) => Reply);

/** A script being run: hands out the reply for each request. */
export type RunningScript = { readonly next: (request: ReceivedRequest) => Reply };

/** Starts a script at its first reply. */
export function runScript(script: Script): RunningScript {
  if (typeof script === 'function') return { next: script };
  const last = script.at(-1);
  if (last === undefined) throw new TypeError('script: [] answers nothing; give at least one reply.');
  let position = 0;
  return {
    next: () => {
      const reply = script[position] ?? last;
      position += 1;
      return reply;
    },
  };
}

/** What an account without a script answers: a short text that names it. */
export function defaultScript(account: string): Script {
  return [respond.answer({ text: ['Hello ', 'from ', `${account}.`] })];
}
