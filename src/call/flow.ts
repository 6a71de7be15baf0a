import type { LanguageModelV4GenerateResult, LanguageModelV4StreamResult } from '@ai-sdk/provider';
import type { CallType } from '../candidate/call-options.ts';
import { sendContinued } from '../fallback/continue/continued-chunk.ts';
import { sendGenerate } from '../fallback/generate.ts';
import { sendGenerateByStream } from '../fallback/generate-by-stream.ts';
import { runPlan } from '../fallback/run.ts';
import { sendStream } from '../fallback/stream.ts';
import type { LanguageModelV4CallOptions } from '../provider/sdk-types.ts';
import { closeAfterLastAttempt } from './close-call.ts';
import { type OpenCall, openCall, reported } from './open-call.ts';
import type { Composite } from './open-composite.ts';
import { preparePlan } from './prepare-plan.ts';
import type { PlanNow } from './ready-plan.ts';
import { readRequest } from './request.ts';

/** What is asked of a composite. */
type Asked = {
  readonly composite: Composite;
  readonly pinnedTask: string | undefined;
  readonly options: LanguageModelV4CallOptions;
  /** When the caller came. */
  readonly startedAtMs: number;
};

/** A whole answer: request → route → plan → run → commit → cost → report. */
export async function generate(asked: Asked): Promise<LanguageModelV4GenerateResult> {
  const prepared = prepare({ asked, type: 'generate' });
  const open = (prepared instanceof Promise ? await prepared : prepared)();
  try {
    const { call, steps } = open;
    const way = call.recover === 'buffer' ? byStream : byGenerate;
    const result = await runPlan({ call, steps, ...way });
    return reported({ open, result });
  } finally {
    closeAfterLastAttempt(open);
  }
}

/** A streamed answer, the same way. It goes on after this returns; the call closes when the stream's attempt has ended. */
export async function stream(asked: Asked): Promise<LanguageModelV4StreamResult> {
  const prepared = prepare({ asked, type: 'stream' });
  const open = (prepared instanceof Promise ? await prepared : prepared)();
  try {
    const { call, steps } = open;
    const send = call.recover === 'continue' ? sendContinued : sendStream;
    return await runPlan({ call, steps, type: 'stream', send });
  } finally {
    closeAfterLastAttempt(open);
  }
}

type OpenNow = () => OpenCall;

const byGenerate = { type: 'generate', send: sendGenerate } as const;
const byStream = { type: 'stream', send: sendGenerateByStream } as const;

/** Everything that may be awaited is awaited first: a plan and its first attempt must see the same circuit breakers. */
function prepare({
  asked: { composite, pinnedTask, options, startedAtMs },
  type,
}: {
  readonly asked: Asked;
  readonly type: CallType;
}): OpenNow | Promise<OpenNow> {
  const request = readRequest(options);
  const planning = preparePlan({ composite, pinnedTask, request, startedAtMs, type });
  const openBy = (planNow: PlanNow) => () => openCall({ composite, request, plan: planNow(), startedAtMs });
  return planning instanceof Promise ? planning.then(openBy) : openBy(planning);
}
