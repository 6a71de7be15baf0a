import type { Capabilities } from '../candidate.ts';
import type { Needs } from './needs.ts';

const words = {
  image: 'images',
  pdf: 'PDF files',
  audio: 'audio',
  tools: 'tools',
  jsonSchema: 'JSON output with a schema',
  reasoning: 'a reasoning effort',
} as const;

/** Why a candidate cannot serve a request, or undefined where nothing is known against it. */
export function incapability({
  capabilities,
  needs,
  provider,
  inputTokens,
}: {
  readonly capabilities: Capabilities | undefined;
  readonly needs: Needs;
  readonly provider: string;
  /** Asked only where a context window is declared. */
  readonly inputTokens: () => number;
}): string | undefined {
  if (needs.fileHolders !== undefined && !needs.fileHolders.includes(provider.split('.')[0] ?? provider)) {
    return `a file of the request is held by ${needs.fileHolders.join(', ')} only`;
  }
  if (capabilities === undefined) return undefined;
  for (const [need, word] of Object.entries(words)) {
    if (Reflect.get(needs, need) === true && Reflect.get(capabilities, need) === false)
      return `declared without ${word}, which the request needs`;
  }
  const { contextWindow, maxOutputTokens } = capabilities;
  if (
    maxOutputTokens !== undefined &&
    needs.maxOutputTokens !== undefined &&
    needs.maxOutputTokens > maxOutputTokens
  ) {
    return `the request wants up to ${needs.maxOutputTokens} output tokens, declared are ${maxOutputTokens}`;
  }
  if (contextWindow === undefined) return undefined;
  const input = inputTokens();
  return input > contextWindow
    ? `about ${input} input tokens, declared is a context window of ${contextWindow}`
    : undefined;
}
