import type { Cost, CostTotal } from '../cost/index.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import type { JSONObject, SharedV4ProviderMetadata } from '../provider/sdk-types.ts';
import type { Affinity } from '../route/affinity.ts';

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
  /** What a candidate that is itself a composite reported, also one that failed; its cost is this attempt's, not counted twice. */
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
  /** The candidate that answered; empty where none did. */
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
  /** Set by a cache of yours that gives the whole answer again: what the report tells was paid before. */
  readonly cached?: true;
};

/** Reads the report out of provider metadata. */
export function readReport(metadata: unknown): CompositeMetadata | undefined {
  if (typeof metadata !== 'object' || metadata === null || !('composite' in metadata)) return undefined;
  const { composite } = metadata;
  return isReport(composite) ? composite : undefined;
}

/** Errors are printed and logged, so a report does not hang on one in sight; it lives as long as its error. */
const ofErrors = new WeakMap<object, CompositeMetadata>();

/** Keeps the report of a call that nobody answered with its error, for a composite that has this one for a candidate. */
export function keepErrorReport({
  error,
  report,
}: {
  readonly error: object;
  readonly report: CompositeMetadata;
}): void {
  ofErrors.set(error, report);
}

/** The report that was kept with an error. */
export function readErrorReport(error: unknown): CompositeMetadata | undefined {
  return typeof error === 'object' && error !== null ? ofErrors.get(error) : undefined;
}

/**
 * Puts a report beside the provider's own metadata. It is made when it is first read, and from then on plain data, like
 * everything beside it; most reports are never read.
 */
export function withReport({
  metadata,
  makeReport,
}: {
  readonly metadata: SharedV4ProviderMetadata | undefined;
  readonly makeReport: () => CompositeMetadata;
}): SharedV4ProviderMetadata {
  return {
    ...metadata,
    get composite() {
      const value = toJson(makeReport());
      become({ metadata: this, value });
      return value;
    },
    set composite(value) {
      become({ metadata: this, value });
    },
  };
}

function become({ metadata, value }: { readonly metadata: object; readonly value: JSONObject }): void {
  Object.defineProperty(metadata, 'composite', {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** The one boundary where the report's readonly types meet the SDK's JSON type; every field of it is plain JSON. */
function toJson(report: CompositeMetadata): JSONObject {
  return report as unknown as JSONObject;
}

function isReport(value: unknown): value is CompositeMetadata {
  return typeof value === 'object' && value !== null && 'callId' in value && 'attempts' in value;
}
