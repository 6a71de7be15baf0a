import { notify } from '../boundary/callback.ts';
import type { Clock } from '../boundary/clock.ts';
import type { CallEndEvent } from '../report/events.ts';
import type { Database } from './database/database.ts';
import { LedgerError, reasonOf } from './database/ledger-error.ts';
import { type CallRow, callRow } from './rows/call-row.ts';

/** How the writing stands. */
export type LedgerStatus = {
  /** Calls that wait to be written. */
  readonly buffered: number;
  /** Calls written since the ledger was opened. */
  readonly written: number;
  /** Calls that are in no ledger, because the buffer was full or the database refused them. */
  readonly dropped: number;
  /** Why the last writing failed; left out while writing works. */
  readonly problem?: string;
};

/** What a writer is told once each time it begins: the database is away, or calls are dropped. */
export type LedgerProblem = LedgerStatus & {
  readonly type: 'database-away' | 'buffer-full' | 'call-refused' | 'process-ended';
  readonly message: string;
};

/** How calls are written. */
export type WriterSettings = {
  readonly database: Database;
  readonly flushMs: number;
  readonly maxBuffered: number;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
  readonly onProblem: (problem: LedgerProblem) => void;
  readonly clock: Clock;
};

/** Writes calls in batches, beside the calls. */
export type Writer = {
  readonly add: (call: CallEndEvent) => void;
  /** Writes all that waits; rejects where the database does not take it, which stays in the buffer. */
  readonly flush: () => Promise<void>;
  /** The process ends in this moment: writes what waits at once, where the database can, and says what is lost. */
  readonly leave: () => void;
  /** Takes no more calls and stops its timer. */
  readonly stop: () => void;
  readonly status: () => LedgerStatus;
};

/** Calls written at a time: one transaction of them holds SQLite, and with it the process, for some five milliseconds. */
const batchSize = 100;
const longestWaitMs = 30_000;

type State = WriterSettings & {
  buffer: ReadonlyArray<CallEndEvent>;
  written: number;
  dropped: number;
  /** Failed writings in a row. */
  failures: number;
  problem: string | undefined;
  /** Set when it was said that calls are dropped. */
  isFull: boolean;
  isStopped: boolean;
  cancelTimer: (() => void) | undefined;
  writing: Promise<void> | undefined;
};

/** Makes a writer with an empty buffer. */
export function createWriter(settings: WriterSettings): Writer {
  const state: State = {
    ...settings,
    buffer: [],
    written: 0,
    dropped: 0,
    failures: 0,
    problem: undefined,
    isFull: false,
    isStopped: false,
    cancelTimer: undefined,
    writing: undefined,
  };
  return {
    add: call => add({ state, call }),
    flush: () => flush(state),
    leave: () => leave(state),
    stop: () => {
      state.isStopped = true;
      state.cancelTimer?.();
      state.cancelTimer = undefined;
    },
    status: () => statusOf(state),
  };
}

function statusOf({ buffer, written, dropped, problem }: State): LedgerStatus {
  return { buffered: buffer.length, written, dropped, ...(problem !== undefined && { problem }) };
}

function tell({ state, ...what }: Pick<LedgerProblem, 'type' | 'message'> & { readonly state: State }): void {
  notify({ observer: state.onProblem, event: { ...statusOf(state), ...what } });
}

function add({ state, call }: { readonly state: State; readonly call: CallEndEvent }): void {
  const { isStopped, maxBuffered, waitUntil } = state;
  if (isStopped || state.buffer.length >= maxBuffered) {
    state.dropped += 1;
    if (state.isFull) return;
    state.isFull = true;
    const message = isStopped
      ? 'The ledger is closed; calls that end now are dropped.'
      : `The ledger's buffer of ${maxBuffered} calls is full; calls are dropped until it is written.`;
    tell({ state, type: 'buffer-full', message });
    return;
  }
  // A list that grows at its end: a copy for each call would take longer than all the rest.
  (state.buffer as CallEndEvent[]).push(call);
  if (waitUntil === undefined) schedule(state);
  else waitUntil(flush(state).catch(ignore));
}

function schedule(state: State): void {
  const { isStopped, cancelTimer, failures, flushMs, clock } = state;
  if (isStopped || cancelTimer !== undefined) return;
  state.cancelTimer = clock.schedule({
    delayMs: failures === 0 ? flushMs : Math.min(longestWaitMs, flushMs * 2 ** failures),
    callback: () => {
      state.cancelTimer = undefined;
      // A failure was told already; nobody waits for this one.
      flush(state).catch(ignore);
    },
    isBackground: true,
  });
}

/** One writing at a time; who comes meanwhile waits for it, and it takes theirs too. */
function flush(state: State): Promise<void> {
  state.writing ??= writeAll(state).finally(() => {
    state.writing = undefined;
    if (state.buffer.length > 0) schedule(state);
  });
  return state.writing;
}

async function writeAll(state: State): Promise<void> {
  let size = batchSize;
  while (state.buffer.length > 0) {
    const calls = state.buffer.slice(0, size);
    const failure = await tryToWrite({ state, calls });
    if (failure === undefined) takeOff({ state, count: calls.length });
    else if (!failure.isRefusal) throw awayError({ state, error: failure.error });
    // The database is there, so it is these calls that it refuses: fewer at a time, until it is one.
    else if (calls.length > 1) size = Math.ceil(calls.length / 2);
    else {
      refuseCall({ state, error: failure.error });
      state.buffer = state.buffer.slice(1);
    }
  }
}

async function tryToWrite({
  state: { database },
  calls,
}: {
  readonly state: State;
  readonly calls: ReadonlyArray<CallEndEvent>;
}): Promise<{ readonly error: unknown; readonly isRefusal: boolean } | undefined> {
  let rows: ReadonlyArray<CallRow>;
  try {
    rows = calls.map(callRow);
  } catch (error) {
    return { error, isRefusal: true };
  }
  try {
    await database.insert(rows);
  } catch (error) {
    return { error, isRefusal: database.refuses(error) };
  }
  return undefined;
}

function leave(state: State): void {
  const { database, buffer } = state;
  if (buffer.length === 0) return;
  try {
    if (database.insertNow === undefined)
      throw new Error('the process ended before the database could answer');
    database.insertNow(buffer.map(callRow));
    takeOff({ state, count: buffer.length });
  } catch (error) {
    state.buffer = [];
    state.dropped += buffer.length;
    const message = `The process ended with ${buffer.length} calls that are in no ledger: ${reasonOf(error)}.`;
    tell({ state, type: 'process-ended', message });
  }
}

/** These calls are in the ledger. */
function takeOff({ state, count }: { readonly state: State; readonly count: number }): void {
  state.buffer = state.buffer.slice(count);
  state.written += count;
  state.failures = 0;
  state.problem = undefined;
  state.isFull = false;
}

function awayError({ state, error }: { readonly state: State; readonly error: unknown }): LedgerError {
  state.failures += 1;
  const isFirst = state.problem === undefined;
  state.problem = reasonOf(error);
  const message = `The ledger cannot be written now: ${state.problem}. ${state.buffer.length} calls wait; they are tried again.`;
  if (isFirst) tell({ state, type: 'database-away', message });
  return new LedgerError({ message, cause: error });
}

function refuseCall({ state, error }: { readonly state: State; readonly error: unknown }): void {
  state.dropped += 1;
  tell({
    state,
    type: 'call-refused',
    message: `The ledger refused a call, which is dropped: ${reasonOf(error)}.`,
  });
}

function ignore(): void {}
