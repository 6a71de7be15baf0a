/** True where a worked answer ends as it was asked to, with its result behind `####`. */
export function hasResult(text: string): boolean {
  return /####\s*\$?-?[\d,.]+\s*$/.test(text);
}

/** True where a sum that the answer works out, written as `<<48/2=24>>`, is wrong by more than rounding. */
export function hasWrongSum(text: string): boolean {
  return [...text.matchAll(/<<([^=<>]+)=(-?[\d.]+)>>/g)].some(([, sum = '', result]) => {
    const value = calculate(sum);
    const said = Number(result);
    return value !== undefined && Math.abs(value - said) > 0.01 * Math.max(1, Math.abs(said));
  });
}

/** Works out a sum of numbers, + − * / and brackets; undefined for anything else. */
export function calculate(sum: string): number | undefined {
  const tokens = sum.match(/\d*\.?\d+|[-+*/()]|\S/g) ?? [];
  let at = 0;

  const terms = (): number => {
    let value = factors();
    while (tokens[at] === '+' || tokens[at] === '-') value += tokens[at++] === '+' ? factors() : -factors();
    return value;
  };
  const factors = (): number => {
    let value = atom();
    while (tokens[at] === '*' || tokens[at] === '/')
      value = tokens[at++] === '*' ? value * atom() : value / atom();
    return value;
  };
  const atom = (): number => {
    const token = tokens[at++];
    if (token === '-') return -atom();
    if (token !== '(') return token === undefined ? Number.NaN : Number(token);
    const value = terms();
    return tokens[at++] === ')' ? value : Number.NaN;
  };

  const value = terms();
  return at === tokens.length && Number.isFinite(value) ? value : undefined;
}
