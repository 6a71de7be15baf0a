import type { Ticket } from '../candidate/ticket.ts';
import type { Cost } from '../cost/index.ts';
import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';

/** What was held gives way to the cost: at once, or when that is known. */
export function settleTicket({
  ticket,
  cost,
  usage,
}: {
  readonly ticket: Ticket;
  readonly cost: Cost | Promise<Cost>;
  readonly usage: LanguageModelV4Usage | undefined;
}): void {
  const settle = ({ usdExact }: Cost) => ticket.settle({ usdExact, usage });
  if (cost instanceof Promise) void cost.then(settle);
  else settle(cost);
}
