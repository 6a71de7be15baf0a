import type {
  JSONObject,
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  SharedV4ProviderOptions,
} from '../provider/sdk-types.ts';

/** How a call is made: a stream's first output and a whole generated answer are two speeds of one model. */
export type CallType = 'generate' | 'stream';

/** Call options that a candidate, or a route, brings with it. */
export type CallDefaults = Readonly<
  Partial<
    Pick<
      LanguageModelV4CallOptions,
      | 'maxOutputTokens'
      | 'temperature'
      | 'topP'
      | 'topK'
      | 'presencePenalty'
      | 'frequencyPenalty'
      | 'stopSequences'
      | 'seed'
      | 'reasoning'
      | 'toolChoice'
      | 'headers'
    >
  >
>;

/** What a candidate, or a route, brings to a call. */
export type OwnCallOptions = {
  readonly settings?: CallDefaults;
  readonly providerOptions?: SharedV4ProviderOptions;
};

/** What the calls of a route start from. */
export type RouteCallOptions = OwnCallOptions & {
  readonly instructions?: ReadonlyArray<Extract<LanguageModelV4Message, { role: 'system' }>>;
};

/** Everything of a call but the conversation. */
type Options = Omit<LanguageModelV4CallOptions, 'prompt'>;

/**
 * The options of a call on a route: the route's, overridden by the call's own. The route's instructions are for calls that
 * have none, as with the SDK's `defaultInstructionsMiddleware`.
 */
export function optionsOnRoute({
  route,
  options,
}: {
  readonly route: RouteCallOptions;
  readonly options: LanguageModelV4CallOptions;
}): LanguageModelV4CallOptions {
  const { instructions = [], settings: { toolChoice, ...settings } = {}, providerOptions } = route;
  const hasInstructions = options.prompt.some(({ role }) => role === 'system');
  return {
    ...layer({
      base: { ...settings, ...(providerOptions !== undefined && { providerOptions }) },
      over: options,
    }),
    ...(toolChoice !== undefined && leavesChoice({ toolChoice, options }) && { toolChoice }),
    prompt: hasInstructions ? options.prompt : [...instructions, ...options.prompt],
  };
}

/** The options one candidate is called with: the call's, overridden by what the candidate brings. */
export function optionsFor({
  candidate: { settings, providerOptions },
  options,
}: {
  readonly candidate: OwnCallOptions;
  readonly options: LanguageModelV4CallOptions;
}): LanguageModelV4CallOptions {
  if (settings === undefined && providerOptions === undefined) return options;
  const over = { ...settings, ...(providerOptions !== undefined && { providerOptions }) };
  return { ...layer({ base: options, over }), prompt: options.prompt };
}

/**
 * Lays options over others as the SDK's `defaultSettingsMiddleware` does: what is undefined overrides nothing, headers and
 * provider options are merged, everything else is replaced.
 */
export function layer({ base, over }: { readonly base: Options; readonly over: Options }): Options {
  const result: Options = { ...base };
  for (const [key, value] of Object.entries(over)) if (value !== undefined) Reflect.set(result, key, value);
  if (base.headers !== undefined) result.headers = { ...base.headers, ...over.headers };
  if (base.providerOptions !== undefined && over.providerOptions !== undefined)
    result.providerOptions = mergeNamespaces({ base: base.providerOptions, over: over.providerOptions });
  return result;
}

function mergeNamespaces({
  base,
  over,
}: {
  readonly base: SharedV4ProviderOptions;
  readonly over: SharedV4ProviderOptions;
}): SharedV4ProviderOptions {
  const merged = { ...base };
  for (const [namespace, options] of Object.entries(over))
    merged[namespace] = mergeJson({ base: merged[namespace] ?? {}, over: options });
  return merged;
}

/** Merges deeply; lists are replaced. */
function mergeJson({ base, over }: { readonly base: JSONObject; readonly over: JSONObject }): JSONObject {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const known = merged[key];
    merged[key] = isObject(value) && isObject(known) ? mergeJson({ base: known, over: value }) : value;
  }
  return merged;
}

function isObject(value: JSONValue | undefined): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True where the call has the tool and made no choice of its own; the SDK fills in `auto`. */
function leavesChoice({
  toolChoice,
  options: { tools = [], toolChoice: own },
}: {
  readonly toolChoice: CallDefaults['toolChoice'] & object;
  readonly options: LanguageModelV4CallOptions;
}): boolean {
  if (own !== undefined && own.type !== 'auto') return false;
  return toolChoice.type === 'tool'
    ? tools.some(({ name }) => name === toolChoice.toolName)
    : tools.length > 0;
}
