/** How a router does at one setting: the share of calls that asked the strong model, what they cost, and what came of it. */
export type Point = { readonly strongShare: number; readonly usd: number; readonly accuracy: number };

/** The two models alone, between which every router lies. */
export type Ends = { readonly cheap: Point; readonly strong: Point };

/** The share of the distance from the cheap to the strong model's accuracy that is covered: RouteLLM's "performance gap recovered". */
export function gapRecovered({ accuracy, ends }: { readonly accuracy: number; readonly ends: Ends }): number {
  return (accuracy - ends.cheap.accuracy) / (ends.strong.accuracy - ends.cheap.accuracy);
}

/**
 * The mean of the gap recovered over all shares of the strong model, in calls (RouteLLM's APGR) or in money; 0.5 for a random
 * mix.
 */
export function averageGapRecovered({
  points,
  ends,
  over,
}: {
  readonly points: ReadonlyArray<Point>;
  readonly ends: Ends;
  readonly over: 'calls' | 'money';
}): number {
  const shareOf = ({ strongShare, usd }: Point) =>
    over === 'calls' ? strongShare : (usd - ends.cheap.usd) / (ends.strong.usd - ends.cheap.usd);
  const curve = [ends.cheap, ...points, ends.strong]
    .map(point => ({ x: shareOf(point), y: gapRecovered({ accuracy: point.accuracy, ends }) }))
    .sort((one, other) => one.x - other.x);
  return curve.slice(1).reduce((area, { x, y }, index) => {
    const before = curve[index] ?? { x, y };
    return area + ((x - before.x) * (y + before.y)) / 2;
  }, 0);
}

/** The least cost at which a mix of neighbouring settings covers 95 % of the gap. */
export function usdAt95({
  points,
  ends,
}: {
  readonly points: ReadonlyArray<Point>;
  readonly ends: Ends;
}): number {
  const wanted = 0.95;
  const curve = [ends.cheap, ...points, ends.strong]
    .map(point => ({ usd: point.usd, gap: gapRecovered({ accuracy: point.accuracy, ends }) }))
    .sort((one, other) => one.usd - other.usd);
  for (const [index, { usd, gap }] of curve.entries()) {
    if (gap < wanted) continue;
    const before = curve[index - 1];
    if (before === undefined || before.gap >= wanted) return usd;
    return before.usd + ((wanted - before.gap) / (gap - before.gap)) * (usd - before.usd);
  }
  return ends.strong.usd;
}
