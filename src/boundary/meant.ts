/** The names that other libraries and the SDK have for an option. */
const elsewhere: Readonly<Record<string, string>> = {
  maxRetries: 'attempts',
  retries: 'attempts',
  onError: 'onAttemptEnd',
  onFallback: 'onAttemptEnd',
  onRetry: 'onAttemptEnd',
  onFinish: 'onCallEnd',
  system: 'instructions',
  input: 'inputTokens',
  prompt: 'inputTokens',
  output: 'outputTokens',
  completion: 'outputTokens',
  cached: 'cacheReadTokens',
  vision: 'image',
};

/** What is no option here, but a place in a list. */
const listed: ReadonlySet<string> = new Set(['fallback', 'fallbacks', 'models']);

/** Says what was meant by the name of an option that there is not; undefined where that is anybody's guess. */
export function meant({
  name,
  known,
}: {
  readonly name: string;
  readonly known: readonly string[];
}): string | undefined {
  if (listed.has(name) && (known.includes('tasks') || known.includes('candidates')))
    return 'models are listed in their order, who stands in behind the first one: [first, second]';
  const other = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  const option = known.find(own => own === other) ?? known.find(own => isNear(name, own));
  return option === undefined ? undefined : `did you mean ${option}?`;
}

/** The same but for letter case, a word at the end, the order or the doubling of letters, or one letter in the middle. */
function isNear(...names: readonly [string, string]): boolean {
  const [one = '', two = ''] = names.map(name => name.toLowerCase());
  if (Math.min(one.length, two.length) < 4) return false;
  const letters = (name: string) => [...new Set(name)].sort().join('');
  return (
    one.startsWith(two) ||
    two.startsWith(one) ||
    letters(one) === letters(two) ||
    (one.slice(0, 3) === two.slice(0, 3) && Math.abs(one.length - two.length) < 2)
  );
}
