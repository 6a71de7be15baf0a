import { gateway, type LanguageModel, wrapLanguageModel } from 'ai';
import { refuse } from './check.ts';
import { defaultName } from './default-name.ts';
import type { LanguageModelV4 } from './sdk-types.ts';

/**
 * What language models of the AI SDK have in common, whatever version of `@ai-sdk/provider` their package pins: the types of
 * two versions need not fit each other where the models do.
 */
type AnyLanguageModel = {
  readonly specificationVersion: 'v2' | 'v3' | 'v4';
  readonly provider: string;
  readonly modelId: string;
  readonly doGenerate: (options: never) => PromiseLike<object>;
  readonly doStream: (options: never) => PromiseLike<object>;
};

/**
 * A language model of the AI SDK, from a provider package of any version, or the id of one at the global provider (by
 * default the Vercel AI Gateway).
 */
export type ModelInput = Exclude<LanguageModel, string> | AnyLanguageModel | string;

/** A model under its name. */
export type NamedModel = {
  readonly name: string;
  readonly model: LanguageModelV4;
  readonly identity: object;
};
/** Gives a model its name, or finds the one it has. */
export type Register = (entry: {
  readonly model: ModelInput;
  readonly name: string | undefined;
  readonly path: ReadonlyArray<string>;
}) => NamedModel;

/** Gives every model object one name and every name one model object, across all routes. */
export function createRegister(): Register {
  const byName = new Map<string, NamedModel>();
  const byIdentity = new Map<object, NamedModel[]>();
  const resolved = new Map<string, LanguageModelV4>();

  return ({ model: input, name, path }) => {
    const identity = typeof input === 'string' ? resolveId({ id: input, resolved }) : input;
    const known = byIdentity.get(identity) ?? [];
    const same = name === undefined ? known[0] : known.find(entry => entry.name === name);
    if (same !== undefined) return same;
    if (name !== undefined && byName.has(name)) {
      refuse({
        path: [...path, 'name'],
        value: name,
        problem: 'is the name of another candidate already; give each model a name of its own',
      });
    }
    const model = upgrade(identity);
    const named = { name: name ?? freeName({ model, byName }), model, identity };
    byName.set(named.name, named);
    byIdentity.set(identity, [...known, named]);
    return named;
  };
}

function freeName({
  model,
  byName,
}: {
  readonly model: LanguageModelV4;
  readonly byName: ReadonlyMap<string, NamedModel>;
}): string {
  const base = defaultName(model);
  let name = base;
  for (let count = 2; byName.has(name); count++) name = `${base}#${count}`;
  return name;
}

/** A model id is resolved as the SDK does it: by the global provider, else by the Vercel AI Gateway. */
function resolveId({
  id,
  resolved,
}: {
  readonly id: string;
  readonly resolved: Map<string, LanguageModelV4>;
}): LanguageModelV4 {
  const known = resolved.get(id);
  if (known !== undefined) return known;
  const model = upgrade((globalThis.AI_SDK_DEFAULT_PROVIDER ?? gateway).languageModel(id));
  resolved.set(id, model);
  return model;
}

/**
 * The SDK's own upgrade of older model versions. The one boundary where a package's type of a model becomes that of `ai`: the
 * SDK goes by `specificationVersion`.
 */
function upgrade(model: Exclude<ModelInput, string>): LanguageModelV4 {
  return wrapLanguageModel({ model: model as Exclude<LanguageModel, string>, middleware: [] });
}

/** True for what can be composed: a language model of any version, or a model id. */
export function isModel(value: unknown): value is ModelInput {
  if (typeof value === 'string') return value !== '';
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return 'specificationVersion' in value && ('doGenerate' in value || 'doStream' in value);
}
