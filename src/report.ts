import { addCosts, type Cost, type CostTotal } from './cost/index.ts';
import type { FailureKind } from './failure-kind.ts';
import type { Affinity } from './route/affinity.ts';
import type { JSONObject, SharedV4ProviderMetadata } from './sdk-types.ts';

/** One attempt as the report shows it. */
export type AttemptReport = {
  readonly attemptNumber: number;
  readonly candidate: string;
  readonly provider: string;
  /** The model id the provider answered with, else the requested one. */
  readonly modelId: string;
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failureKind?: FailureKind;
  readonly statusCode?: number;
  readonly durationMs: number;
  readonly firstChunkMs?: number;
  readonly cost: Cost;
  /** What a candidate that is itself a composite reported; its cost is this attempt's, not counted twice. */
  readonly nested?: CompositeMetadata;
};

/** The request to a classifying model that was made to find the call's task. */
export type ClassificationReport = {
  readonly provider: string;
  /** The model id the provider answered with, else the requested one. */
  readonly modelId: string;
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failureKind?: FailureKind;
  readonly statusCode?: number;
  readonly cost: Cost;
};

/** A candidate that the plan left out, and why. */
export type SkippedCandidate = { readonly candidate: string; readonly reason: string };

/** What `providerMetadata.composite` says about a call: plain JSON, without prompts, headers or keys. */
export type CompositeMetadata = {
  readonly callId: string;
  readonly task: string;
  /** The candidate that answered. */
  readonly candidate: string;
  readonly attempts: ReadonlyArray<AttemptReport>;
  readonly skipped: ReadonlyArray<SkippedCandidate>;
  /** Whether the conversation stayed on the candidate that served it before; left out where none is known. */
  readonly affinity?: Affinity;
  /**
   * Warnings of routing, such as an unknown name, or a request that nobody is known to be able to serve; left
   * out where there was nothing.
   */
  readonly warnings?: ReadonlyArray<string>;
  /** Left out where no model was asked for the task, or its answer was remembered. */
  readonly classification?: ClassificationReport;
  /** Of all attempts together, the failed ones too, and of the classification. */
  readonly cost: CostTotal;
};

/** Anything of the AI SDK that carries provider metadata: a result, a step. */
type WithMetadata = { readonly providerMetadata?: SharedV4ProviderMetadata | undefined };

/** A stream's result, whose metadata is there when the stream has ended. */
type WithMetadataLater = { readonly providerMetadata: PromiseLike<SharedV4ProviderMetadata | undefined> };

/**
 * Reads the composite's report of the last step from a `generateText` result or a step; from a `streamText` result it comes
 * as a promise. Undefined where no composite was asked.
 */
export function compositeMetadata(result: WithMetadata): CompositeMetadata | undefined;
export function compositeMetadata(result: WithMetadataLater): Promise<CompositeMetadata | undefined>;
export function compositeMetadata(
  result: WithMetadata | WithMetadataLater,
): CompositeMetadata | undefined | Promise<CompositeMetadata | undefined> {
  const { providerMetadata } = result;
  return isLater(providerMetadata)
    ? Promise.resolve(providerMetadata).then(readReport)
    : readReport(providerMetadata);
}

/**
 * Adds up what a whole result cost: every step of an agent, every attempt of every step; from a `streamText` result it
 * comes as a promise. `incomplete` counts the attempts whose cost is not known; a step without a report counts as one.
 */
export function compositeCost(result: { readonly steps: ReadonlyArray<WithMetadata> }): CostTotal;
export function compositeCost(result: {
  readonly steps: PromiseLike<ReadonlyArray<WithMetadata>>;
}): Promise<CostTotal>;
export function compositeCost(result: {
  readonly steps: ReadonlyArray<WithMetadata> | PromiseLike<ReadonlyArray<WithMetadata>>;
}): CostTotal | Promise<CostTotal> {
  const { steps } = result;
  return isLater(steps) ? Promise.resolve(steps).then(addSteps) : addSteps(steps);
}

function addSteps(steps: ReadonlyArray<WithMetadata>): CostTotal {
  return addCosts(steps.map(({ providerMetadata }) => readCost(providerMetadata?.composite)));
}

/** Reads the report out of provider metadata. */
export function readReport(metadata: SharedV4ProviderMetadata | undefined): CompositeMetadata | undefined {
  const report = metadata?.composite;
  return isReport(report) ? report : undefined;
}

/** The cost in a report, or the one that `costMiddleware` alone puts in its place. */
function readCost(composite: unknown): Cost | CostTotal | undefined {
  if (typeof composite !== 'object' || composite === null || !('cost' in composite)) return undefined;
  const { cost } = composite;
  // Only this package writes this namespace.
  return typeof cost === 'object' && cost !== null && 'status' in cost
    ? (cost as Cost | CostTotal)
    : undefined;
}

function isLater<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** Puts a report beside the provider's own metadata. */
export function withReport({
  metadata,
  report,
}: {
  readonly metadata: SharedV4ProviderMetadata | undefined;
  readonly report: CompositeMetadata;
}): SharedV4ProviderMetadata {
  return { ...metadata, composite: toJson(report) };
}

/** The one boundary where the report's readonly types meet the SDK's JSON type; every field of it is plain JSON. */
function toJson(report: CompositeMetadata): JSONObject {
  return report as unknown as JSONObject;
}

function isReport(value: unknown): value is CompositeMetadata {
  return typeof value === 'object' && value !== null && 'callId' in value && 'attempts' in value;
}
