import { cachedCost, isMarkedCached } from '../cost/cached.ts';
import type { Cost, CostTotal } from '../cost/index.ts';
import { addCosts } from '../cost/total/total.ts';
import { fieldOf } from '../cost/usage/token-count.ts';
import type { SharedV4ProviderMetadata } from '../provider/sdk-types.ts';
import { type CompositeMetadata, readReport } from '../report/report.ts';

/** Anything of the AI SDK that carries provider metadata: a result, a step, the event of an end. */
type WithMetadata = { readonly providerMetadata?: SharedV4ProviderMetadata | undefined };

/** Anything that has steps: a result of `generateText` or of an agent. */
type WithSteps = { readonly steps: ReadonlyArray<WithMetadata | undefined> };

/** What can be read at once; a list of them is read as one. */
type Result = WithMetadata | WithSteps | null | undefined;
type Results = Result | ReadonlyArray<Result>;

/** A stream's result, which is whole when the stream has ended, and any result that is still to come. */
type LaterMetadata = { readonly providerMetadata: PromiseLike<SharedV4ProviderMetadata | undefined> };
type LaterSteps = { readonly steps: PromiseLike<ReadonlyArray<WithMetadata | undefined>> };
type Later = LaterMetadata | LaterSteps | PromiseLike<Results | LaterMetadata | LaterSteps>;

/**
 * Reads the composite's report of the last step: from a result of `generateText`, `generateObject` or an agent, from a step,
 * or from the last of a list of them. From a stream's result, and from a promise, it comes as a promise. Undefined where no
 * composite was asked.
 */
export function compositeMetadata(result: Results): CompositeMetadata | undefined;
export function compositeMetadata(result: Later): Promise<CompositeMetadata | undefined>;
export function compositeMetadata(
  result: Results | Later,
): CompositeMetadata | undefined | Promise<CompositeMetadata | undefined> {
  return whenThere({ result, names: ['providerMetadata', 'steps'], read: reportOf });
}

/**
 * Adds up what a whole result cost: every step of an agent, every attempt of every step. Takes the results of
 * `generateText`, `generateObject` and agents, steps, and lists of them; from the result of `streamText` or `streamObject`,
 * and from a promise, it comes as a promise. A run that broke off and that the SDK repeated (`streamRetries`) is counted with
 * the one that made up for it. `incomplete` counts the attempts whose cost is not known; what has no report,
 * such as the result of another model, counts as one. What a cache marked with `providerMetadata.composite.cached` costs
 * nothing again.
 *
 * @example
 * const total = compositeCost(await generateObject({ model: ai, schema, prompt }));
 */
export function compositeCost(result: Results): CostTotal;
export function compositeCost(result: Later): Promise<CostTotal>;
export function compositeCost(result: Results | Later): CostTotal | Promise<CostTotal> {
  return whenThere({ result, names: ['steps', 'providerMetadata'], read: costOf });
}

/** Reads a result once the first of these fields that it has is there. */
function whenThere<READ>({
  result,
  names,
  read,
}: {
  readonly result: unknown;
  readonly names: ReadonlyArray<'steps' | 'providerMetadata'>;
  readonly read: (result: unknown) => READ;
}): READ | Promise<READ> {
  if (isLater(result)) return Promise.resolve(result).then(own => whenThere({ result: own, names, read }));
  if (Array.isArray(result)) {
    const own = result.map((entry: unknown) => whenThere({ result: entry, names, read: there => there }));
    return own.some(isLater) ? Promise.all(own).then(read) : read(result);
  }
  const name = names.find(own => fieldOf(result, own) != null);
  const field = name === undefined ? undefined : fieldOf(result, name);
  return name !== undefined && isLater(field)
    ? Promise.resolve(field).then(own => read({ [name]: own }))
    : read(result);
}

function reportOf(result: unknown): CompositeMetadata | undefined {
  const list = listOf(result);
  return list === undefined ? readReport(fieldOf(result, 'providerMetadata')) : reportOf(list.at(-1));
}

function costOf(result: unknown): CostTotal {
  const reports = reportsIn(result);
  const told = new Set(reports.map(report => fieldOf(report, 'callId')));
  return addCosts(reports.flatMap(report => [readCost(report), ...recoveredCosts({ report, told })]));
}

/** What is in the place of the composite's report, once for each thing that could have one. */
function reportsIn(result: unknown): ReadonlyArray<unknown> {
  const list = listOf(result);
  return list === undefined
    ? [fieldOf(fieldOf(result, 'providerMetadata'), 'composite')]
    : list.flatMap(reportsIn);
}

/** What the broken calls cost that a report makes up for: a run that the SDK repeats has no result of its own. */
function recoveredCosts({
  report,
  told,
}: {
  readonly report: unknown;
  /** Calls whose cost is counted. */
  readonly told: Set<unknown>;
}): ReadonlyArray<Cost | CostTotal> {
  const call = isMarkedCached(report) ? undefined : fieldOf(report, 'recovers');
  if (call === undefined) return [];
  const callId = fieldOf(call, 'callId');
  const cost = told.has(callId) ? undefined : readCost(call);
  told.add(callId);
  return [...(cost === undefined ? [] : [cost]), ...recoveredCosts({ report: call, told })];
}

/** The steps of a result, or the entries of a list. A result has the metadata of its last step too, so its steps go first. */
function listOf(result: unknown): ReadonlyArray<unknown> | undefined {
  const steps: unknown = Array.isArray(result) ? result : fieldOf(result, 'steps');
  return Array.isArray(steps) ? steps : undefined;
}

/** The cost in a report, or the one that `costMiddleware` alone puts in its place. */
function readCost(composite: unknown): Cost | CostTotal | undefined {
  if (isMarkedCached(composite)) return cachedCost;
  const cost = fieldOf(composite, 'cost');
  // Only this package writes this namespace.
  return fieldOf(cost, 'status') === undefined ? undefined : (cost as Cost | CostTotal);
}

function isLater(value: unknown): value is PromiseLike<unknown> {
  return typeof fieldOf(value, 'then') === 'function';
}
