/** The providers of this app. Without keys each is an account on the fault server. */
export const providerNames = ['google', 'anthropic', 'openai'] as const;
export type ProviderName = (typeof providerNames)[number];

/** Their names for readers. */
export const providerLabels: Readonly<Record<ProviderName, string>> = {
  google: 'Google',
  anthropic: 'Anthropic',
  openai: 'OpenAI',
};
