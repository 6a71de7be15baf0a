/**
 * A loopback server that answers like model providers do, and fails like they do.
 *
 * @packageDocumentation
 */

export type { Account } from './account.ts';
export {
  type Answer,
  type AnswerFinish,
  type AnswerToolCall,
  type AnswerUsage,
  type Pieces,
  pieces,
} from './answer.ts';
export type { Exchange, ProtocolName } from './exchange.ts';
export { type EndPlace, type Fault, fault } from './fault.ts';
export { createFaultServer, type FaultServer, type FaultServerSettings } from './fault-server.ts';
export { createGate, type Gate } from './gate.ts';
export type { CountedPiece, Place } from './place.ts';
export type { ProviderError, ProviderErrorKind } from './provider-error.ts';
export type { ReceivedRequest, RequestOutcome } from './received-request.ts';
export { type Reply, type ReplyOptions, type RetryHint, respond } from './respond.ts';
export type { Script } from './script.ts';
export {
  type StateStoreCase,
  type StateStoreCasesSettings,
  stateStoreCases,
} from './state-store/state-store-cases.ts';
export type { FrameRole, Pause, Wire, WireStep } from './wire.ts';
