import { gateway, type LanguageModel, wrapLanguageModel } from 'ai';
import { refuse } from '../boundary/check.ts';
import { type LazyModel, lazyModel } from '../provider/lazy-model.ts';
import type { LanguageModelV4 } from '../provider/sdk-types.ts';
import { defaultName } from './default-name.ts';
import { isModel, isModelMaker, type MakeModel, type ModelInput, refuseModel } from './model-input.ts';

/** A model under its name. */
export type NamedModel = Pick<LazyModel, 'model'> &
  Partial<Pick<LazyModel, 'prepare'>> & {
    readonly name: string;
    readonly identity: object;
  };
/** Gives a model its name, or finds the one it has. */
export type Register = (entry: {
  readonly model: ModelInput | MakeModel;
  readonly name: string | undefined;
  /** The name of a model that is not made yet, and so has no id to be named by. */
  readonly place: string;
  readonly path: ReadonlyArray<string>;
}) => NamedModel;

/** Gives every model object one name and every name one model object, across all routes. */
export function createRegister(): Register {
  const byName = new Map<string, NamedModel>();
  const byIdentity = new Map<object, NamedModel[]>();
  const resolved = new Map<string, LanguageModelV4>();

  return ({ model: input, name, place, path }) => {
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
    const made = isModelMaker(identity)
      ? (known[0] ?? lazyModel({ make: identity, resolve: value => resolveMade({ value, resolved, path }) }))
      : { model: upgrade(identity) };
    const base = isModelMaker(identity) ? place : defaultName(made.model);
    const named = { ...made, name: name ?? freeName({ base, byName }), identity };
    byName.set(named.name, named);
    byIdentity.set(identity, [...known, named]);
    return named;
  };
}

function freeName({
  base,
  byName,
}: {
  readonly base: string;
  readonly byName: ReadonlyMap<string, NamedModel>;
}): string {
  let name = base;
  for (let count = 2; byName.has(name); count++) name = `${base}#${count}`;
  return name;
}

/** What a function of the user's made, which may be anything. */
function resolveMade({
  value,
  resolved,
  path,
}: {
  readonly value: unknown;
  readonly resolved: Map<string, LanguageModelV4>;
  readonly path: ReadonlyArray<string>;
}): LanguageModelV4 {
  if (!isModel(value)) return refuseModel({ path: [...path, 'model()'], value });
  return typeof value === 'string' ? resolveId({ id: value, resolved }) : upgrade(value);
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
