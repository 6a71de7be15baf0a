import { checkOptions } from '../boundary/check.ts';
import { defined } from '../boundary/defined.ts';
import type { CallDefaults } from '../candidate/call-options.ts';
import type { Candidate, Capabilities } from '../candidate/candidate.ts';
import type { NamedModel, Register } from '../candidate/model.ts';
import {
  isModel,
  isModelMaker,
  type MakeModel,
  type ModelInput,
  refuseModel,
} from '../candidate/model-input.ts';
import type { RateLimitSettings } from '../candidate/rate-limit.ts';
import {
  fillTimeouts,
  type Limits,
  type TimeoutSettings,
  type Timeouts,
  toTimeouts,
} from '../candidate/timeouts.ts';
import type { Price } from '../cost/index.ts';
import { stampOf } from '../fallback/history/stamp.ts';
import type { SharedV4ProviderOptions } from '../provider/sdk-types.ts';
import { type ModelCatalogs, readModelCatalogs } from '../route/serve/model-catalog.ts';
import { candidateSchemas } from './settings-schema.ts';

/** A candidate with something special to it. */
export type CandidateSettings = {
  /** A model, a model id, or a function that makes one when it is first asked. */
  readonly model: ModelInput | MakeModel;
  /**
   * Unique in the composite; default `provider/modelId`, with `#2` and so on for a further model object of that id. A model
   * that is made by a function is named by its place: `code/2` is the second one of the task `code`.
   */
  readonly name?: string;
  /**
   * Names what its circuit breaker stands for, such as an account or a region. Candidates of one health key share one breaker:
   * in a composite, in all composites of a process, so that it survives models that are made for each request, and wherever
   * `state` is shared. Default: the model object, and its `name` where `state` is shared.
   */
  readonly healthKey?: string;
  /**
   * Whether it may be asked; a function is called for each call, so a candidate can be switched off while the program runs.
   * Default: true.
   */
  readonly enabled?: boolean | (() => boolean);
  /** Merged over the call's, provider by provider. */
  readonly providerOptions?: SharedV4ProviderOptions;
  /** Call options that win over the call's own, such as `temperature`. */
  readonly settings?: CallDefaults;
  /** USD per 1M tokens; wins over `prices` and the catalog. */
  readonly price?: Price;
  /**
   * How much of it may be asked in a minute: where that is used up the next candidate is asked, or the call waits for a moment
   * where nobody else is left. What its provider says in response headers holds too, also where this is `{}`.
   */
  readonly rateLimit?: RateLimitSettings;
  /** What the model can do, where that should keep requests away from it; wins over `modelCatalogs`. */
  readonly capabilities?: Capabilities;
  /** Attempts per call; default: the route's. */
  readonly attempts?: number;
  /** Time limits; default: the route's. A number is `totalMs`. */
  readonly timeout?: number | TimeoutSettings;
};

/**
 * One candidate: a model, a model id, a function that makes one, or a model with settings. A function is called when its
 * candidate is first asked; one that throws fails that candidate only, and is called again at the next attempt.
 */
export type CandidateInput = ModelInput | MakeModel | CandidateSettings;

/** What a candidate takes from its route and its composite where it says nothing itself. */
export type CandidateDefaults = {
  readonly attempts: number;
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly modelCatalogs: ModelCatalogs;
};

/** Parses one candidate; every default it needs is handed in. */
export function parseCandidate({
  candidate,
  path,
  defaults,
  register,
}: {
  readonly candidate: CandidateInput;
  readonly path: ReadonlyArray<string>;
  readonly defaults: CandidateDefaults;
  readonly register: Register;
}): Candidate {
  const own: CandidateSettings =
    isModel(candidate) || isModelMaker(candidate) ? { model: candidate } : candidate;
  if (typeof own !== 'object' || own === null || !('model' in own)) return refuseModel({ path, value: own });
  checkOptions({ schemas: candidateSchemas, value: own, path });
  if (!isModel(own.model) && !isModelMaker(own.model))
    return refuseModel({ path: [...path, 'model'], value: own.model });
  const { settings, providerOptions, price, healthKey, rateLimit, enabled = true } = own;
  const [task = '', index] = path.slice(-2);
  const place = `${task}/${Number(index) + 1}`;
  const named = register({ model: own.model, name: own.name, place, path });
  // A route's totalMs is the call's and does not hold for each candidate again.
  const ownLimits = toTimeouts(own.timeout);
  const parsed: Candidate = {
    ...named,
    stamp: stampOf(named.name),
    attempts: own.attempts ?? defaults.attempts,
    timeouts: fillTimeouts({
      limits: { ...defaults.limits, ...ownLimits, totalMs: ownLimits.totalMs },
      timeouts: defaults.timeouts,
    }),
    ...(settings !== undefined && { settings }),
    ...(providerOptions !== undefined && { providerOptions }),
    ...(price !== undefined && { price }),
    ...(healthKey !== undefined && { healthKey }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(enabled !== true && { isEnabled: enabled === false ? never : enabled }),
  };
  const capabilities = () => capabilitiesOf({ own, named, defaults });
  // Catalogs go by provider and model id, which a model that is not made yet does not have.
  if (named.prepare !== undefined)
    return Object.defineProperty(parsed, 'capabilities', { get: capabilities, enumerable: true });
  const known = capabilities();
  return known === undefined ? parsed : { ...parsed, capabilities: known };
}

function never(): boolean {
  return false;
}

/** What the user declares, over what the provider's own catalog says of the model. */
function capabilitiesOf({
  own,
  named,
  defaults: { modelCatalogs },
}: {
  readonly own: CandidateSettings;
  readonly named: NamedModel;
  readonly defaults: CandidateDefaults;
}): Capabilities | undefined {
  const listed = readModelCatalogs({ catalogs: modelCatalogs, model: named.model });
  return listed === undefined ? own.capabilities : { ...listed, ...defined(own.capabilities) };
}
