import { readWait, toNumber } from '../boundary/read-wait.ts';
import type { RateNeed } from './rate-limit.ts';

type Headers = Readonly<Record<string, string>>;

/** What providers say in their responses of what may still be asked. */
export type ToldLimits = {
  /** Takes the headers of a response, and how long the provider asks to wait. */
  readonly learn: (told: {
    readonly name: string;
    readonly headers: Headers | undefined;
    readonly retryAfterMs: number | undefined;
    readonly nowMs: number;
  }) => void;
  /** How long a request has to wait by what was said; 0 where it may be made. */
  readonly waitMs: (request: {
    readonly name: string;
    readonly need: RateNeed;
    readonly nowMs: number;
  }) => number;
  /** Counts a request that is made, until the provider says what is left. */
  readonly use: (request: { readonly name: string; readonly need: RateNeed }) => void;
};

type Unit = 'requests' | 'tokens' | 'input' | 'output';

/** One limit as a header told it. */
type Told = {
  readonly unit: Unit;
  /** What may be asked when nothing was; undefined where it is not said. */
  readonly limit: number | undefined;
  readonly remaining: number;
  /** Until all of it is there again. */
  readonly resetMs: number;
  readonly atMs: number;
  /** Asked since. */
  used: number;
};

/** A provider that names its headers anew each time must not fill the memory. */
const mostHeaders = 16;

/** Makes a memory in which nothing was told. */
export function createToldLimits(): ToldLimits {
  const byName = new Map<string, Map<string, Told>>();
  const blockedUntilMs = new Map<string, number>();
  return {
    learn: ({ name, headers, retryAfterMs, nowMs }) => {
      if (retryAfterMs !== undefined)
        blockedUntilMs.set(name, Math.max(blockedUntilMs.get(name) ?? 0, nowMs + retryAfterMs));
      const told = headers === undefined ? [] : readTold({ headers, nowMs });
      if (told.length === 0) return;
      const known = byName.get(name) ?? new Map<string, Told>();
      byName.set(name, known);
      for (const [header, own] of told)
        if (known.size < mostHeaders || known.has(header)) known.set(header, own);
    },
    waitMs: ({ name, need, nowMs }) => {
      let longest = Math.max(0, (blockedUntilMs.get(name) ?? 0) - nowMs);
      for (const told of byName.get(name)?.values() ?? [])
        longest = Math.max(longest, waitFor({ told, amount: amountOf({ unit: told.unit, need }), nowMs }));
      return longest;
    },
    use: ({ name, need }) => {
      for (const told of byName.get(name)?.values() ?? []) told.used += amountOf({ unit: told.unit, need });
    },
  };
}

/** Every limit whose headers say how much remains and when it is whole again. */
function readTold({
  headers,
  nowMs,
}: {
  readonly headers: Headers;
  readonly nowMs: number;
}): ReadonlyArray<readonly [header: string, told: Told]> {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return [...byName].flatMap(([name, value]): ReadonlyArray<readonly [string, Told]> => {
    if (!name.includes('ratelimit') || !name.includes('remaining')) return [];
    // Some send -1 where they do not know.
    const remaining = toNumber(value);
    const resetMs = readWait({ text: byName.get(name.replace('remaining', 'reset')), nowMs });
    if (remaining === undefined || resetMs === undefined) return [];
    const limit = toNumber(byName.get(name.replace('remaining', 'limit')));
    return [[name, { unit: unitOf(name), limit, remaining, resetMs, atMs: nowMs, used: 0 }]];
  });
}

function unitOf(header: string): Unit {
  if (!header.includes('token')) return 'requests';
  if (header.includes('input')) return 'input';
  return header.includes('output') ? 'output' : 'tokens';
}

function amountOf({ unit, need }: { readonly unit: Unit; readonly need: RateNeed }): number {
  if (unit === 'requests') return 1;
  if (unit === 'tokens') return need.inputTokens + need.outputTokens;
  return unit === 'input' ? need.inputTokens : need.outputTokens;
}

/**
 * How long until there is room: a limit fills up evenly until its reset, as at OpenAI and Anthropic, where its whole is said; else
 * all of it is there at the reset. More than the whole limit is never waited for.
 */
function waitFor({
  told: { limit, remaining, resetMs, atMs, used },
  amount,
  nowMs,
}: {
  readonly told: Told;
  readonly amount: number;
  readonly nowMs: number;
}): number {
  const elapsedMs = nowMs - atMs;
  if (elapsedMs >= resetMs) return 0;
  const wanted = used + Math.min(amount, limit ?? amount);
  if (wanted <= remaining) return 0;
  if (limit === undefined || limit <= remaining) return resetMs - elapsedMs;
  const filledMs = ((wanted - remaining) / (limit - remaining)) * resetMs;
  return Math.max(0, Math.min(filledMs, resetMs) - elapsedMs);
}
