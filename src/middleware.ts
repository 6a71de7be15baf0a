import { closeAfterLastAttempt } from './call/close-call.ts';
import { type OpenCall, openCall, reported } from './call/open-call.ts';
import { preparePlan } from './call/prepare-plan.ts';
import type { PlanNow } from './call/ready-plan.ts';
import { readRequest } from './call/request.ts';
import type { CallType } from './candidate/call-options.ts';
import { sendContinued } from './fallback/continue/send-continued.ts';
import { sendGenerate } from './fallback/generate.ts';
import { sendGenerateByStream } from './fallback/generate-by-stream.ts';
import { runPlan } from './fallback/run.ts';
import { sendStream } from './fallback/stream.ts';
import type { LanguageModelV4CallOptions, LanguageModelV4Middleware } from './provider/sdk-types.ts';
import { askedModels, sharedUrls } from './route/supported-urls.ts';
import { type Composite, type CompositeSettings, parseSettings } from './settings/settings.ts';

/**
 * The engine as one language-model middleware: request → route → plan → run → commit → cost → report.
 *
 * The model it wraps is not asked unless a route lists it. `createComposite` is this, wrapped around the first candidate, with
 * a callable face.
 *
 * @example
 * const model = wrapLanguageModel({ model: primary, middleware: compositeMiddleware({ tasks: { chat: [primary, backup] } }) });
 */
export function compositeMiddleware<TASK extends string>(
  settings: CompositeSettings<TASK>,
): LanguageModelV4Middleware {
  return engineMiddleware({ composite: parseSettings(settings), pinnedTask: undefined });
}

/** The middleware over parsed settings, for all tasks or for one pinned task; the faces of a composite share its state. */
export function engineMiddleware({
  composite,
  pinnedTask,
}: {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
}): LanguageModelV4Middleware {
  // Everything that may be awaited is awaited first: a plan and its first attempt must see the same circuit breakers.
  const prepare = ({
    options,
    type,
  }: {
    readonly options: LanguageModelV4CallOptions;
    readonly type: CallType;
  }): OpenNow | Promise<OpenNow> => {
    const startedAtMs = composite.clock.now();
    const request = readRequest(options);
    const planning = preparePlan({ composite, pinnedTask, request, startedAtMs, type });
    const openBy = (planNow: PlanNow) => () => openCall({ composite, request, plan: planNow(), startedAtMs });
    return planning instanceof Promise ? planning.then(openBy) : openBy(planning);
  };

  return {
    specificationVersion: 'v4',
    overrideProvider: () => 'composite',
    overrideModelId: () => pinnedTask ?? composite.defaultTask,
    overrideSupportedUrls: () => sharedUrls(askedModels({ composite, pinnedTask })),

    wrapGenerate: async ({ params }) => {
      const prepared = prepare({ options: params, type: 'generate' });
      const open = (prepared instanceof Promise ? await prepared : prepared)();
      try {
        const { call, steps } = open;
        const way = call.recover === 'buffer' ? byStream : byGenerate;
        const result = await runPlan({ call, steps, ...way });
        return reported({ open, result });
      } finally {
        closeAfterLastAttempt(open);
      }
    },

    wrapStream: async ({ params }) => {
      const prepared = prepare({ options: params, type: 'stream' });
      const open = (prepared instanceof Promise ? await prepared : prepared)();
      try {
        // The stream goes on after this returns; the call closes when the stream's attempt has ended.
        const { call, steps } = open;
        const send = call.recover === 'continue' ? sendContinued : sendStream;
        return await runPlan({ call, steps, type: 'stream', send });
      } finally {
        closeAfterLastAttempt(open);
      }
    },
  };
}

type OpenNow = () => OpenCall;

const byGenerate = { type: 'generate', send: sendGenerate } as const;
const byStream = { type: 'stream', send: sendGenerateByStream } as const;
