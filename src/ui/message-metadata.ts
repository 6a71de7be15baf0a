import type { TextStreamPart, ToolSet, UIMessage } from 'ai';
import { cachedCost } from '../cost/cached.ts';
import type { Cost } from '../cost/cost.ts';
import { addCosts, type CostTotal } from '../cost/total/total.ts';
import { type CompositeMetadata, readErrorReport, readReport } from '../report/report.ts';
import {
  type CompositeMessageMetadata,
  type MessageReport,
  type MessageStep,
  toMessageStep,
} from './message-report.ts';
import { addUsage, usageOf } from './message-usage.ts';
import { reportBefore } from './report-before.ts';

/** The callback for `messageMetadata` of `toUIMessageStream` and its relatives. */
export type CompositeMessageMetadataCallback = (options: {
  readonly part: TextStreamPart<ToolSet>;
}) => CompositeMessageMetadata | undefined;

/** What the callback goes by besides the stream. */
export type CompositeMessageMetadataSettings = {
  /**
   * The messages of the request, as for the SDK's own option of this name. Where the last one is an answer that goes on,
   * after an approval or a tool that ran in the browser, its steps and totals so far are kept.
   */
  readonly originalMessages?: ReadonlyArray<UIMessage>;
};

/**
 * Makes the `messageMetadata` callback that sends a message's report to the browser: who answered, what failed before it,
 * times, tokens and costs, of one call or of all the steps of an agent. One for each response. The metadata of an answer that
 * fails reaches `useChat` through `errorsLast` only.
 *
 * @example
 * toUIMessageStream({ stream: result.stream, messageMetadata: compositeMessageMetadata() });
 */
export function compositeMessageMetadata({
  originalMessages = [],
}: CompositeMessageMetadataSettings = {}): CompositeMessageMetadataCallback {
  const before = reportBefore(originalMessages);
  let { steps, candidate, usage } = before;
  let hasFailed = false;
  const costs: Array<Cost | CostTotal | undefined> = [...before.costs];

  const enter = (report: CompositeMetadata | undefined): Readonly<Record<number, MessageStep>> => {
    if (report === undefined) {
      costs.push(undefined);
      return {};
    }
    const step = toMessageStep(report);
    costs.push(...costsOf(step));
    candidate = step.candidate ?? candidate;
    steps += 1;
    return { [steps - 1]: step };
  };
  const tell = ({
    steps: entered = {},
    ...outcome
  }: Partial<Pick<MessageReport, 'outcome' | 'steps'>>): CompositeMessageMetadata => ({
    composite: {
      ...outcome,
      ...(candidate !== undefined && { candidate }),
      steps: entered,
      usage,
      cost: addCosts(costs),
    },
  });

  return ({ part }) => {
    switch (part.type) {
      case 'finish-step':
        usage = addUsage(usage, usageOf(part.usage));
        return tell({ steps: enter(readReport(part.providerMetadata)) });
      case 'error': {
        hasFailed = true;
        // What broke off has its report on the end of its step, which comes next.
        const report = readErrorReport(part.error);
        return tell({ outcome: 'failure', ...(report !== undefined && { steps: enter(report) }) });
      }
      case 'abort':
        // What was under way cost something, and only `onCallEnd` learns what.
        costs.push(undefined);
        return tell({ outcome: 'abort' });
      case 'finish':
        return tell({ outcome: hasFailed || part.finishReason === 'error' ? 'failure' : 'success' });
      default:
        return undefined;
    }
  };
}

/** What a step adds to what its message cost. */
function costsOf({ cached, cost, recovers = [] }: MessageStep): ReadonlyArray<Cost | CostTotal> {
  if (cached === true) return [cachedCost];
  return [cost, ...recovers.flatMap(answer => answer.cost ?? [])];
}
