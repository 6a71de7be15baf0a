import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';
import type { Accounts } from './accounts.ts';

/**
 * What all who made a part of the answer used together, as far as it is known; undefined where only one did, or nobody says.
 * Who broke off says nothing in most cases: what that cost is in the report.
 */
export function usageOfParts({ parts = [], entries }: Accounts): LanguageModelV4Usage | undefined {
  const makers = new Set(parts.map(({ attemptNumber }) => attemptNumber));
  const known = entries.flatMap(({ attemptNumber, ended }) =>
    makers.has(attemptNumber) && ended?.usage !== undefined ? [ended.usage] : [],
  );
  return known.length < 2 ? known[0] : known.reduce((one, other) => add({ one, other }));
}

type Two = { readonly one: LanguageModelV4Usage; readonly other: LanguageModelV4Usage };

function add({ one, other }: Two): LanguageModelV4Usage {
  const [input, more] = [one.inputTokens, other.inputTokens];
  const [output, others] = [one.outputTokens, other.outputTokens];
  return {
    inputTokens: {
      total: sum([input.total, more.total]),
      noCache: sum([input.noCache, more.noCache]),
      cacheRead: sum([input.cacheRead, more.cacheRead]),
      cacheWrite: sum([input.cacheWrite, more.cacheWrite]),
    },
    outputTokens: {
      total: sum([output.total, others.total]),
      text: sum([output.text, others.text]),
      reasoning: sum([output.reasoning, others.reasoning]),
    },
  };
}

function sum(counts: ReadonlyArray<number | undefined>): number | undefined {
  const known = counts.flatMap(count => count ?? []);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0);
}
