import type { Cost, CostTotal } from '../cost/index.ts';
import type { FailureKind } from '../failure/failure-kind.ts';
import type { LanguageModelV4Usage, SharedV4ProviderMetadata } from '../provider/sdk-types.ts';
import type { Affinity } from '../route/affinity/affinity.ts';
import type { RecoveredCall } from '../state/conversations/interruptions.ts';

/** One attempt as the report shows it. */
export type AttemptReport = {
  readonly attemptNumber: number;
  readonly candidate: string;
  readonly provider: string;
  /** The model id the provider answered with, else the requested one. */
  readonly modelId: string;
  /** How the attempt was to go on with an answer that had broken off; left out for every other attempt. */
  readonly recovery?: RecoveryWay;
  readonly outcome: 'success' | 'failure' | 'abort';
  readonly failureKind?: FailureKind;
  /** The judgement of `fallbackWhen` that its answer failed, such as `empty-answer`; left out for every other failure. */
  readonly judgement?: string;
  readonly statusCode?: number;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly firstChunkMs?: number;
  /** The provider's token counts, without its own form of them; left out where it told none. */
  readonly usage?: TokenCounts;
  readonly cost: Cost;
  /** What a candidate that is itself a composite reported, also one that failed; its cost is this attempt's, not counted twice. */
  readonly nested?: CompositeMetadata;
};

/** Token counts named as in the SDK's usage; what is not known is left out. */
export type TokenCounts = {
  readonly [SIDE in 'inputTokens' | 'outputTokens']: Readonly<Partial<LanguageModelV4Usage[SIDE]>>;
};

/**
 * How a candidate goes on with another one's answer: `prefill` behind the text that was delivered, which it is sent;
 * `restart` with a fresh answer, which has to begin with that text.
 */
export type RecoveryWay = 'prefill' | 'restart';

/** One part of an answer that changed hands. */
export type RecoveredPart = {
  readonly candidate: string;
  readonly attemptNumber: number;
  /** Where it begins in the whole text of the answer, in UTF-16 code units. */
  readonly offset: number;
  /** Left out for the part that was there first. */
  readonly recovery?: RecoveryWay;
};

/** An answer that broke off and was continued. */
export type Recovered = {
  /** Where the latest part begins: what comes before it had been delivered when the answer broke off. */
  readonly offset: number;
  /** Who made what, in the order of the text. */
  readonly parts: ReadonlyArray<RecoveredPart>;
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
  /** Set where the answer broke off and another candidate went on with it. */
  readonly recovered?: Recovered;
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
  /** The call whose answer broke off and that this one makes up for; what it cost is not in `cost`. Left out where there was none. */
  readonly recovers?: RecoveredCall;
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

/**
 * Errors are printed and logged, so a report does not hang on one in sight. By a name that all entries of this package, and all
 * its installed versions, share.
 */
const ofError = Symbol.for('ai-composite.report');

/** Keeps the report of a call that nobody answered with its error, for a composite that has this one for a candidate. */
export function keepErrorReport({
  error,
  report,
}: {
  readonly error: object;
  readonly report: CompositeMetadata;
}): void {
  Object.defineProperty(error, ofError, { value: report, configurable: true });
}

/** The report that was kept with an error. */
export function readErrorReport(error: unknown): CompositeMetadata | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const report: unknown = Reflect.get(error, ofError);
  return isReport(report) ? report : undefined;
}

/** Where Node's console looks for what an object shows; under it is the function that makes the report. */
const shown = Symbol.for('nodejs.util.inspect.custom');

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
  const reported: SharedV4ProviderMetadata = { ...metadata };
  Object.defineProperty(reported, shown, {
    value: () => ({ ...metadata, composite: become({ metadata: reported, report: makeReport() }) }),
    configurable: true,
  });
  return Object.defineProperty(reported, 'composite', unread);
}

/** One for all: an object with functions of its own for this would take eight times as long to make. */
const unread: PropertyDescriptor & ThisType<SharedV4ProviderMetadata> = {
  get() {
    const show: unknown = Reflect.get(this, shown);
    return typeof show === 'function' ? show().composite : undefined;
  },
  set(value: unknown) {
    become({ metadata: this, report: value });
  },
  enumerable: true,
  configurable: true,
};

/** Makes the report plain data, unless somebody froze it. */
function become<REPORT>({
  metadata,
  report,
}: {
  readonly metadata: SharedV4ProviderMetadata;
  readonly report: REPORT;
}): REPORT {
  Reflect.defineProperty(metadata, 'composite', {
    value: report,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  Reflect.deleteProperty(metadata, shown);
  return report;
}

function isReport(value: unknown): value is CompositeMetadata {
  return typeof value === 'object' && value !== null && 'callId' in value && 'attempts' in value;
}
