import * as z from 'zod/v4';
import { check, refuse, strictOptions } from '../boundary/check.ts';
import { type Clock, systemClock } from '../boundary/clock.ts';
import { openAnswer } from './open-answer.ts';

/** What `resumableFetch` takes. */
export type ResumableFetchSettings = {
  /** Sends the requests; default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** How often a connection is opened anew without getting any further; default: 5, which takes up to 8 seconds. */
  readonly maxReopens?: number;
  /** Time, for tests. */
  readonly clock?: Clock;
};

/**
 * Makes a `fetch` for `createOpenAI` that survives broken connections: streams of the Responses API are made in the
 * background, and where the connection breaks, the same answer is opened again behind the last event that arrived. The
 * package above sees one unbroken stream, byte for byte.
 *
 * The provider keeps such an answer for some minutes, whoever asked; an organization without data retention cannot have
 * that. A request with `store: false` throws `InvalidArgumentError`. An abort cancels the answer at the provider. Where
 * the provider does not have it any more, the stream ends as it would have. Other requests go through as they are.
 * Source: platform.openai.com/docs/guides/background, 2026-11.
 *
 * @example
 * const openai = createOpenAI({ fetch: resumableFetch() });
 */
export function resumableFetch(settings: ResumableFetchSettings = {}): typeof globalThis.fetch {
  check({ schema: settingsSchema(), value: settings, path: ['resumableFetch'] });
  const { maxReopens = 5, clock = systemClock } = settings;

  return async (input, init) => {
    const send = settings.fetch ?? globalThis.fetch;
    const request = readRequest({ input, init });
    if (request === undefined) return send(input, init);
    if (request.body.store === false) {
      refuse({
        path: ['providerOptions', 'openai', 'store'],
        value: false,
        problem:
          'must not be false with resumableFetch: the provider has to keep the answer. Leave it out, or give this model a fetch that does not resume',
      });
    }
    return openAnswer({
      url: request.url,
      init: { ...init, body: JSON.stringify({ ...request.body, background: true }) },
      send,
      maxReopens,
      clock,
    });
  };
}

function settingsSchema(): z.ZodType {
  return strictOptions({
    fetch: z.custom(value => typeof value === 'function', { error: 'must be a function' }).optional(),
    maxReopens: z
      .int({ error: 'must be a whole number' })
      .min(1, { error: 'must be at least 1; without resuming, leave resumableFetch out' })
      .optional(),
    clock: z
      .custom(value => typeof value === 'object' && value !== null && 'now' in value && 'schedule' in value, {
        error: 'must have now() and schedule()',
      })
      .optional(),
  } satisfies Record<keyof ResumableFetchSettings, z.ZodType>);
}

/** A request for a stream of the Responses API; undefined for any other. */
function readRequest({
  input,
  init,
}: {
  readonly input: Parameters<typeof globalThis.fetch>[0];
  readonly init: RequestInit | undefined;
}): { readonly url: URL; readonly body: Record<string, unknown> } | undefined {
  if (input instanceof Request || init?.method?.toUpperCase() !== 'POST' || typeof init.body !== 'string')
    return undefined;
  const url = new URL(input);
  if (!url.pathname.endsWith('/responses')) return undefined;
  const body = parseObject(init.body);
  return body?.stream === true ? { url, body } : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
