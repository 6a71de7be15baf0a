import { type Calls, createLazyCalls, type LazyCalls } from './call/lazy-calls.ts';
import type { LanguageModelV4Middleware } from './provider/sdk-types.ts';
import type { CompositeSettings } from './settings/composite-settings.ts';
import { type ParsedSettings, parseSettings } from './settings/settings.ts';

/**
 * The engine as one language-model middleware: request → route → plan → run → commit → cost → report. `call/flow.ts` shows the
 * way of a call on one screen.
 *
 * The model it wraps is not asked unless a route lists it. `createComposite` is this, wrapped around the first candidate, with
 * a callable face.
 *
 * @example
 * const model = wrapLanguageModel({ model: primary, middleware: compositeMiddleware({ tasks: { chat: [primary, backup] } }) });
 */
export function compositeMiddleware<TASK extends string>(
  input: CompositeSettings<TASK>,
): LanguageModelV4Middleware {
  const settings = parseSettings(input);
  return callsMiddleware({ settings, calls: createLazyCalls(settings), pinnedTask: undefined });
}

/** The middleware over parsed settings, for all tasks or for one pinned task; the faces of a composite share its calls. */
export function callsMiddleware({
  settings: { clock, defaultTask },
  calls,
  pinnedTask,
}: {
  readonly settings: ParsedSettings;
  readonly calls: LazyCalls;
  readonly pinnedTask: string | undefined;
}): LanguageModelV4Middleware {
  return {
    specificationVersion: 'v4',
    overrideProvider: () => 'composite',
    overrideModelId: () => pinnedTask ?? defaultTask,
    overrideSupportedUrls: () => supportedUrls({ calls, pinnedTask }),

    wrapGenerate: ({ params: options }) => {
      const startedAtMs = clock.now();
      const generate = ({ code, composite }: Calls) =>
        code.generate({ composite, pinnedTask, options, startedAtMs });
      const open = calls.now();
      return open === undefined ? calls.later().then(generate) : generate(open);
    },

    wrapStream: ({ params: options }) => {
      const startedAtMs = clock.now();
      const stream = ({ code, composite }: Calls) =>
        code.stream({ composite, pinnedTask, options, startedAtMs });
      const open = calls.now();
      return open === undefined ? calls.later().then(stream) : stream(open);
    },
  };
}

type SupportedUrls = Record<string, RegExp[]>;

/** What every model takes by its URL. The SDK awaits `supportedUrls`, and only then should models be asked. */
function supportedUrls({
  calls,
  pinnedTask,
}: {
  readonly calls: LazyCalls;
  readonly pinnedTask: string | undefined;
}): PromiseLike<SupportedUrls> {
  let shared: Promise<SupportedUrls> | undefined;
  const share = ({ code, composite }: Calls) => {
    shared ??= code.sharedUrls(code.askedModels({ composite, pinnedTask }));
    return shared;
  };
  return {
    then: (onFulfilled, onRejected) => (shared ?? calls.later().then(share)).then(onFulfilled, onRejected),
  };
}
