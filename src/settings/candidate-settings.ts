import type { CallDefaults } from '../call-options.ts';
import type { Candidate, Capabilities } from '../candidate.ts';
import { check, refuse } from '../check.ts';
import type { Price } from '../cost/index.ts';
import { stampOf } from '../fallback/stamp.ts';
import { isModel, type ModelInput, type NamedModel, type Register } from '../model.ts';
import { type ModelCatalogs, readModelCatalogs } from '../route/model-catalog.ts';
import type { SharedV4ProviderOptions } from '../sdk-types.ts';
import { fillTimeouts, type TimeoutSettings, type Timeouts, toTimeouts } from '../timeouts.ts';
import { candidateSchema } from './settings-schema.ts';

/** A candidate with something special to it. */
export type CandidateSettings = {
  readonly model: ModelInput;
  /** Unique in the composite; default `provider/modelId`, with `#2` and so on for a further model object of that id. */
  readonly name?: string;
  /** Merged over the call's, provider by provider. */
  readonly providerOptions?: SharedV4ProviderOptions;
  /** Call options that win over the call's own, such as `temperature`. */
  readonly settings?: CallDefaults;
  /** USD per 1M tokens; wins over `prices` and the catalog. */
  readonly price?: Price;
  /** What the model can do, where that should keep requests away from it; wins over `modelCatalogs`. */
  readonly capabilities?: Capabilities;
  /** Attempts per call; default: the route's. */
  readonly attempts?: number;
  /** Time limits; default: the route's. A number is `totalMs`. */
  readonly timeout?: number | TimeoutSettings;
};

/** One candidate: a model, a model id, or a model with settings. */
export type CandidateInput = ModelInput | CandidateSettings;

/** What a candidate takes from its route and its composite where it says nothing itself. */
export type CandidateDefaults = {
  readonly attempts: number;
  readonly limits: TimeoutSettings;
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
  const own: CandidateSettings = isModel(candidate) ? { model: candidate } : candidate;
  if (typeof own !== 'object' || own === null || !('model' in own)) {
    refuse({
      path,
      value: own,
      problem:
        'must be a language model of the AI SDK, such as openai("gpt-6-sol"), a model id, or { model, ... }',
    });
  }
  check({ schema: candidateSchema, value: own, path });
  const { settings, providerOptions, price } = own;
  const named = register({ model: own.model, name: own.name, path });
  const capabilities = capabilitiesOf({ own, named, defaults });
  // A route's totalMs is the call's and does not hold for each candidate again.
  const ownLimits = toTimeouts(own.timeout);
  return {
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
    ...(capabilities !== undefined && { capabilities }),
  };
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
  return listed === undefined ? own.capabilities : { ...listed, ...own.capabilities };
}
