import { withoutGeography, withoutOwner, withoutSnapshot } from '../price/model-id.ts';
import type { Price } from '../price/price.ts';
import { overlay } from './overlay.ts';
import type { OverlayRow } from './overlay-row.ts';

const peakPrices = new WeakMap<Price, Price>();

/** The overlay's row for a model at a moment, with the price that holds then. */
export function findInOverlay({
  provider,
  modelId,
  atMs,
}: {
  /** The catalog's provider id. */
  readonly provider: string;
  readonly modelId: string;
  readonly atMs: number;
}): { readonly row: OverlayRow; readonly price: Price } | undefined {
  const day = new Date(atMs).toISOString().slice(0, 10);
  const inRegion = provider === 'aws' ? withoutGeography(modelId) : modelId;
  const exact = `${provider}/${inRegion}`;
  const snapshotOf = `${provider}/${withoutSnapshot(withoutOwner(inRegion))}`;
  const row = overlay.find(
    ({ id, from, to, isEstimate }) =>
      (from === undefined || from <= day) &&
      (to === undefined || day <= to) &&
      // The catalog knows better than an estimate what a snapshot costs.
      (id === exact || (isEstimate !== true && id === snapshotOf)),
  );
  if (row === undefined) return undefined;
  return { row, price: isPeak({ row, atMs }) ? atPeak(row) : row.price };
}

function isPeak({ row: { peak }, atMs }: { readonly row: OverlayRow; readonly atMs: number }): boolean {
  if (peak === undefined) return false;
  const at = new Date(atMs);
  const hour = at.getUTCHours();
  const isOff = at.getUTCDay() % 6 === 0 || peak.holidays.includes(at.toISOString().slice(0, 10));
  return !isOff && peak.hours.some(([from, to]) => hour >= from && hour < to);
}

function atPeak({ price, peak }: OverlayRow): Price {
  const known = peakPrices.get(price);
  if (known !== undefined || peak === undefined) return known ?? price;
  const { inputTokens, cacheReadTokens = inputTokens, outputTokens } = price;
  const factor = peak.factor;
  const raised = {
    ...price,
    inputTokens: inputTokens * factor,
    cacheReadTokens: cacheReadTokens * factor,
    outputTokens: outputTokens * factor,
  };
  peakPrices.set(price, raised);
  return raised;
}
