/** What can be wrong with a provider, in the words of the panel. */
export const faultLabels = {
  none: 'Works',
  down: 'Is down',
  slow: 'Is slow',
  'cut-before': 'Breaks before the first word',
  'cut-after': 'Breaks after some words',
  key: 'Refuses the key',
} as const;

export type FaultName = keyof typeof faultLabels;

/** Tells whether a text names a fault. */
export function isFaultName(value: unknown): value is FaultName {
  return typeof value === 'string' && Object.hasOwn(faultLabels, value);
}
