import * as z from 'zod/v4';
import { dayMs } from '../rows/call-row.ts';

/** A moment: a date, or milliseconds since the epoch. */
export type Moment = Date | number;

/** From when to when; calls count by their start. */
export type Period = {
  /** The first moment. Default: 30 days before `to`, at midnight UTC. */
  readonly from?: Moment | undefined;
  /** The first moment that is not in it any more. Default: no end. */
  readonly to?: Moment | undefined;
};

/** A period in milliseconds since the epoch; `Infinity` where it has no end. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** What a moment must be. */
export const momentSchema = z
  .union([z.date(), z.number()], { error: 'must be a Date, or milliseconds since the epoch' })
  .optional();

/** Fills in the defaults. */
export function spanOf({
  period: { from, to },
  nowMs,
}: {
  readonly period: Period;
  readonly nowMs: number;
}): Span {
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : Number(to);
  const lastMs = Math.min(toMs, nowMs);
  const fromMs = from === undefined ? (Math.floor(lastMs / dayMs) - 29) * dayMs : Number(from);
  return { fromMs, toMs };
}

/** A period as whole days, which are summed up already, and the rest at its ends. */
export type Pieces = {
  /** From this day on, and not this one any more; the same day twice where no day is whole. */
  readonly days: { readonly first: number; readonly end: number };
  readonly ends: ReadonlyArray<Span>;
};

/** The last day that is asked for where a period has no end; a day that never comes. */
const lastDay = 100_000_000;

/** Takes a period apart. */
export function piecesOf({ fromMs, toMs }: Span): Pieces {
  const first = Math.ceil(fromMs / dayMs);
  const end = toMs === Number.POSITIVE_INFINITY ? lastDay : Math.floor(toMs / dayMs);
  if (end < first) return { days: { first, end: first }, ends: [{ fromMs, toMs }] };
  const ends = [
    { fromMs, toMs: first * dayMs },
    { fromMs: end * dayMs, toMs },
  ].filter(span => span.toMs !== Number.POSITIVE_INFINITY && span.fromMs < span.toMs);
  return { days: { first, end }, ends };
}
