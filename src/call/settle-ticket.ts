import type { Ticket } from '../candidate/ticket.ts';
import type { Cost } from '../cost/index.ts';
import type { Failure } from '../failure/failure.ts';
import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';

/** What was held gives way to the cost: at once, or when that is known. */
export function settleTicket({
  ticket,
  cost,
  end: { usage, responseHeaders, failure },
}: {
  readonly ticket: Ticket;
  readonly cost: Cost | Promise<Cost>;
  readonly end: {
    readonly usage?: LanguageModelV4Usage | undefined;
    readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
    readonly failure?: Failure;
  };
}): void {
  const headers = responseHeaders ?? headersOf(failure?.error);
  const retryAfterMs = failure?.kind === 'rate-limit' ? failure.retryAfterMs : undefined;
  const settle = ({ usdExact }: Cost) => ticket.settle({ usdExact, usage, headers, retryAfterMs });
  if (cost instanceof Promise) void cost.then(settle);
  else settle(cost);
}

/** Those of an error response, as the SDK's errors carry them. */
function headersOf(error: unknown): Readonly<Record<string, string>> | undefined {
  const headers: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'responseHeaders') : undefined;
  if (typeof headers !== 'object' || headers === null) return undefined;
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
