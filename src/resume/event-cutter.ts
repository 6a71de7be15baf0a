/** What one event of a Responses stream says of the answer as a whole. */
export type EventFacts = {
  readonly responseId: string | undefined;
  readonly sequenceNumber: number | undefined;
  /** The answer is over, well or not: nothing comes after it. */
  readonly isLast: boolean;
};

/** A whole event, as it came. */
export type CutEvent = { readonly bytes: Uint8Array; readonly facts: EventFacts };

/** Cuts bytes into whole server-sent events, without changing one of them. */
export type EventCutter = {
  /** Takes bytes as they come; gives the events that are whole with them. */
  readonly push: (bytes: Uint8Array) => ReadonlyArray<CutEvent>;
  /** What has begun and is not whole. */
  readonly rest: () => Uint8Array;
};

/** Types of events after which the provider closes the stream (platform.openai.com, Responses streaming events, 2026-11). */
const lastTypes: ReadonlySet<string> = new Set([
  'response.completed',
  'response.failed',
  'response.incomplete',
  'response.cancelled',
  'error',
]);

/** Makes a cutter. An event ends with an empty line; line ends may be CR, LF or both, as the format allows. */
export function createEventCutter(): EventCutter {
  const decoder = new TextDecoder();
  let pending: Uint8Array = new Uint8Array();
  /** How far `pending` was looked through, and whether the line there has nothing in it yet. */
  let scanned = 0;
  let isLineEmpty = true;

  /** Cuts off the first event, if its empty line is there. A CR at the very end may still become a CR LF. */
  const cut = (): Uint8Array | undefined => {
    while (scanned < pending.length) {
      const byte = pending[scanned];
      if (byte !== lineFeed && byte !== carriageReturn) {
        isLineEmpty = false;
        scanned += 1;
        continue;
      }
      if (byte === carriageReturn && scanned + 1 === pending.length) return undefined;
      scanned += byte === carriageReturn && pending[scanned + 1] === lineFeed ? 2 : 1;
      if (isLineEmpty) {
        const event = pending.subarray(0, scanned);
        pending = pending.subarray(scanned);
        scanned = 0;
        return event;
      }
      isLineEmpty = true;
    }
    return undefined;
  };

  return {
    rest: () => pending,
    push: bytes => {
      pending = pending.length === 0 ? bytes : joined(pending, bytes);
      const events: Array<CutEvent> = [];
      for (let event = cut(); event !== undefined; event = cut())
        events.push({ bytes: event, facts: factsOf(decoder.decode(event)) });
      return events;
    },
  };
}

const [lineFeed, carriageReturn] = [10, 13];

function factsOf(event: string): EventFacts {
  const data = event
    .split(/\r\n|\r|\n/)
    .filter(line => line.startsWith('data:'))
    .map(line => line.slice('data:'.length).trimStart())
    .join('\n');
  const parsed = parse(data);
  const { type, sequence_number: sequenceNumber } = parsed;
  const { id } = isRecord(parsed.response) ? parsed.response : {};
  return {
    responseId: typeof id === 'string' ? id : undefined,
    sequenceNumber: typeof sequenceNumber === 'number' ? sequenceNumber : undefined,
    isLast: typeof type === 'string' && lastTypes.has(type),
  };
}

/** A comment, or an event that cannot be read, says nothing; whoever reads the stream judges it. */
function parse(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
