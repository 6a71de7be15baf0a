import type { Exchange } from './exchange.ts';
import { type Place, splitAt, splitInside } from './place.ts';
import { protocolNamed } from './protocols/find-protocol.ts';
import type { ProviderError } from './provider-error.ts';
import type { FrameRole, Pause, Wire, WireStep } from './wire.ts';

/**
 * Changes how a response leaves the server. A fault of your own is a function from plan to plan.
 *
 * @example
 * const noSpaces: Fault = ({ wire }) => ({
 *   ...wire,
 *   steps: wire.steps.map(step => (step.type === 'write' ? { ...step, text: step.text.replaceAll(' ', '') } : step)),
 * });
 */
export type Fault = (plan: { readonly wire: Wire; readonly exchange: Exchange }) => Wire;

/** Where a connection ends, and when. */
export type EndPlace = Place & {
  /** Ends in the middle of the event that would come next, instead of between two events. */
  readonly inside?: boolean;
  /** Waits before it ends: a gate lets a test read everything sent so far first. */
  readonly until?: Pause;
};

/**
 * The faults, for the `faults` list of a reply. They apply in order.
 *
 * What was sent right before a connection breaks may never reach a reader: `fetch` drops what is still queued. For an
 * exact partial answer, wait for a gate that the reader opens.
 *
 * @example
 * const gate = createGate();
 * account.script([respond.answer({ text: ['a', 'b'], faults: [fault.cut({ after: 1, until: gate.opened })] })]);
 */
export const fault = {
  /** Waits before the status line and headers. */
  delayHead:
    ({ until }: { readonly until: Pause }): Fault =>
    ({ wire }) => ({
      ...wire,
      steps: [{ type: 'pause', until }, ...wire.steps],
    }),

  /** Waits in the middle, then goes on: `{ after: 0 }` is a late first token. */
  pause:
    ({ until, ...place }: Place & { readonly until: Pause }): Fault =>
    ({ wire }) =>
      insert({ wire, place, steps: [{ type: 'pause', until }] }),

  /** Goes silent with the connection open. `{ after: 'head' }` is headers at once, then nothing. */
  stall:
    (place: Place): Fault =>
    ({ wire }) =>
      insert({ wire, place, steps: [{ type: 'pause', until: 'forever' }] }),

  /** Closes the connection without ending the response: what a dying server or proxy does. */
  cut: (place: EndPlace): Fault => endWith({ place, step: { type: 'cut' } }),

  /** Tears the connection down with a TCP reset. */
  reset: (place: EndPlace): Fault => endWith({ place, step: { type: 'reset' } }),

  /** Ends the response properly although the answer is not complete: no finish event, no terminator. */
  end: (place: EndPlace): Fault => endWith({ place, step: { type: 'end' } }),

  /** Leaves events out. `['terminator']` is a whole stream without `[DONE]`; `['finish', 'terminator']` one that just stops. */
  omit:
    ({ roles }: { readonly roles: readonly FrameRole[] }): Fault =>
    ({ wire }) => ({
      ...wire,
      steps: wire.steps.filter(step => step.type !== 'write' || !roles.includes(step.role)),
    }),

  /** Inserts one event that does not parse (or the given `data`) into an otherwise whole stream; spoils a body. */
  malformed:
    ({ data = '{"id":"broken', ...place }: Place & { readonly data?: string }): Fault =>
    ({ wire, exchange }) => {
      const isBody = wire.steps.some(step => step.type === 'write' && step.role === 'body');
      const frame = isBody
        ? { role: 'noise' as const, text: data }
        : protocolNamed(exchange.protocol).event({ role: 'noise', type: 'message', data });
      return insert({ wire, place: isBody ? { after: 1 } : place, steps: [{ type: 'write', ...frame }] });
    },

  /** Sends the provider's error event inside a stream that began well, and ends. Without a stream: its error answer. */
  error:
    ({ after, of, ...error }: Place & ProviderError): Fault =>
    ({ wire, exchange }) => {
      const protocol = protocolNamed(exchange.protocol);
      const tag = `${exchange.account}_${exchange.requestNumber}`;
      if (!exchange.stream) {
        const { status, body } = protocol.error({ ...error, exchange });
        return { ...wire, steps: wire.steps.map(step => asErrorAnswer({ step, status, body })) };
      }
      const { before } = splitAt({ wire, place: { after, ...(of === undefined ? {} : { of }) } });
      const frames = protocol.streamError({ ...error, exchange, tag });
      return {
        ...wire,
        steps: [...before, ...frames.map(frame => ({ type: 'write' as const, ...frame })), { type: 'end' }],
      };
    },

  /** Sends keep-alive signs (Anthropic's `ping`, else comments), each followed by a pause. They are not progress. */
  ping:
    ({ count = 1, until, ...place }: Place & { readonly count?: number; readonly until?: Pause }): Fault =>
    ({ wire, exchange }) => {
      if (!exchange.stream) return wire;
      const sign: WireStep = { type: 'write', ...protocolNamed(exchange.protocol).ping };
      const wait: readonly WireStep[] = until === undefined ? [] : [{ type: 'pause', until }];
      return insert({ wire, place, steps: Array.from({ length: count }, () => [sign, ...wait]).flat() });
    },

  /** Sends the event before this place a second time. */
  duplicate:
    (place: Place): Fault =>
    ({ wire }) => {
      const last = splitAt({ wire, place }).before.at(-1);
      return last?.type === 'write' && last.role !== 'body' ? insert({ wire, place, steps: [last] }) : wire;
    },

  /** Swaps the two events around this place. */
  swap:
    (place: Place): Fault =>
    ({ wire }) => {
      const { before, behind } = splitAt({ wire, place });
      const [left, right] = [before.at(-1), behind[0]];
      if (left?.type !== 'write' || right?.type !== 'write' || left.role === 'body') return wire;
      return { ...wire, steps: [...before.slice(0, -1), right, left, ...behind.slice(1)] };
    },

  /** Sends everything in packets of `bytes` bytes (default 1), which also splits characters, with a pause between. */
  drip:
    ({ bytes = 1, until = 0 }: { readonly bytes?: number; readonly until?: Pause } = {}): Fault =>
    ({ wire }) => ({ ...wire, drip: { bytes, pause: until } }),

  /**
   * Declares a `content-length` that is `by` bytes more (the body then ends early) or less (the rest is surplus) than what
   * is sent, and closes the connection after it.
   */
  contentLength:
    ({ by }: { readonly by: number }): Fault =>
    ({ wire }) => {
      const sent = wire.steps.reduce(
        (sum, step) => sum + (step.type === 'write' ? new TextEncoder().encode(step.text).length : 0),
        0,
      );
      const headers = { 'content-length': String(sent + by), connection: 'close' };
      return {
        ...wire,
        steps: wire.steps.map(step => {
          if (step.type === 'head') return { ...step, headers: { ...step.headers, ...headers } };
          return step.type === 'end' ? { type: 'cut' } : step;
        }),
      };
    },
} as const;

function insert({ wire, place, steps }: { wire: Wire; place: Place; steps: readonly WireStep[] }): Wire {
  const { before, behind } = splitAt({ wire, place });
  return { ...wire, steps: [...before, ...steps, ...behind] };
}

function endWith({ place, step }: { place: EndPlace; step: WireStep }): Fault {
  return ({ wire }) => {
    const between = splitAt({ wire, place });
    const { before } =
      place.inside === true
        ? splitInside({ steps: [...between.before, ...between.behind], index: between.before.length })
        : between;
    const wait: readonly WireStep[] =
      place.until === undefined ? [] : [{ type: 'pause', until: place.until }];
    return { ...wire, steps: [...before, ...wait, step] };
  };
}

function asErrorAnswer({ step, status, body }: { step: WireStep; status: number; body: unknown }): WireStep {
  if (step.type === 'head') return { ...step, status };
  return step.type === 'write' && step.role === 'body' ? { ...step, text: JSON.stringify(body) } : step;
}
