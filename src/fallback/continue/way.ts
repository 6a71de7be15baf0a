import type { LanguageModelV4CallOptions } from '../../provider/sdk-types.ts';
import type { RecoveryWay } from '../../report/report.ts';
import { type Comparison, comparePrefill, compareRestart } from './compare.ts';

/** How one candidate goes on with an answer: what it is asked, and how its answer is compared with what was delivered. */
export type Way = {
  readonly type: RecoveryWay;
  readonly options: LanguageModelV4CallOptions;
  readonly compare: () => Comparison;
};

/** Asks for the same answer once more. */
export function restart({
  options,
  delivered,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly delivered: string;
}): Way {
  return { type: 'restart', options, compare: () => compareRestart({ delivered }) };
}

/** Sends the delivered text as the beginning of the answer; undefined where there is nothing to send. */
export function prefill({
  options,
  delivered,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly delivered: string;
}): Way | undefined {
  // Half a character cannot be sent, and providers refuse whitespace at the end (Anthropic's package trims it away).
  const sent = delivered.replace(/[\uD800-\uDBFF]$/, '').trimEnd();
  if (sent.trim() === '') return undefined;
  return {
    type: 'prefill',
    options: {
      ...options,
      prompt: [...options.prompt, { role: 'assistant', content: [{ type: 'text', text: sent }] }],
    },
    compare: () => comparePrefill({ sent, withheld: delivered.slice(sent.length) }),
  };
}
