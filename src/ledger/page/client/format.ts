const whole = new Intl.NumberFormat('en-US');
const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
});

/** A count with its thousands apart. */
export function count(value: number): string {
  return whole.format(value);
}

/** A count of things, each named by a word that takes an s. */
export function things({ value, word }: { readonly value: number; readonly word: string }): string {
  return `${count(value)} ${word}${value === 1 ? '' : 's'}`;
}

/** Cents from a dollar up, six decimals below. */
export function usd(value: number): string {
  if (value === 0) return '$0';
  if (value >= 1) return `$${whole.format(Math.floor(value))}${value.toFixed(2).slice(-3)}`;
  return `$${value < 0.000001 ? value.toPrecision(2) : value.toFixed(6)}`;
}

/** An amount beside an axis, as short as it can be. */
export function usdTick(value: number): string {
  return value === 0 ? '$0' : `$${Number(value.toPrecision(6))}`;
}

/** An amount with requests that have no price is a floor. */
export function floorUsd({
  value,
  unpriced,
  known,
}: {
  readonly value: number;
  readonly unpriced: number;
  readonly known: boolean;
}): string {
  if (!known) return 'unknown';
  return unpriced > 0 ? `≥ ${usd(value)}` : usd(value);
}

/** A share of 0 to 1. */
export function percent(share: number | undefined): string {
  if (share === undefined) return '–';
  const value = share * 100;
  return `${value === 100 || value === 0 ? value : value.toFixed(value > 99 || value < 1 ? 2 : 1)} %`;
}

/** A time that something took. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** A day, given as days since the epoch. */
export function dayText(days: number): string {
  return day.format(days * 86_400_000);
}

/** A moment, UTC. */
export function momentText(ms: number): string {
  return moment.format(ms);
}
