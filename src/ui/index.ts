/**
 * What a chat needs: the report as message metadata. For servers and browsers.
 *
 * @packageDocumentation
 */

export { formatUsd } from '../cost/total/format-usd.ts';
export { addCosts, type CostTotal } from '../cost/total/total.ts';
export type { FailureKind } from '../failure/failure-kind.ts';
export { errorsLast } from './errors-last.ts';
export {
  type CompositeMessageMetadataCallback,
  type CompositeMessageMetadataSettings,
  compositeMessageMetadata,
} from './message-metadata.ts';
export type {
  CompositeMessageMetadata,
  MessageAttempt,
  MessageReport,
  MessageStep,
  RecoveredAnswer,
} from './message-report.ts';
export type { MessageUsage } from './message-usage.ts';
