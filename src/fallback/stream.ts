import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { optionsFor } from '../candidate/call-options.ts';
import { answers } from './answers-chunk.ts';
import type { Attempt } from './attempt.ts';
import { untilCut } from './cut.ts';
import type { Delivery } from './delivery/delivery.ts';
import { armFirstOutput } from './first-output.ts';
import { firstChunkLimit } from './limits/first-chunk-limit.ts';
import { promptFor } from './prompt-for.ts';
import { requestWithin } from './request-within.ts';
import type { Queue, Send, Sent } from './step.ts';

/** Sends a `doStream` request and takes its stream. */
export const sendStream: Send<LanguageModelV4StreamResult> = ({ attempt, queue }) =>
  streamTo({ attempt, queue, onOpen: undefined });

/** The same for a stream that the consumer has already: `onOpen` gets what is to be delivered before anything of it is read. */
export async function streamTo({
  attempt,
  queue,
  onOpen,
}: {
  readonly attempt: Attempt;
  readonly queue: Queue;
  readonly onOpen: ((delivery: Delivery) => void) | undefined;
}): Promise<Sent<LanguageModelV4StreamResult>> {
  const { call, candidate, record } = attempt;
  const options = optionsFor({ candidate, options: call.options });
  const learned = call.learned?.firstChunk({ candidate, options });
  const limitMs = learned?.limitMs ?? firstChunkLimit({ candidate, options });
  armFirstOutput({ attempt, limitMs, queue });

  const dropsRaw = record.wantsRawChunks && options.includeRawChunks !== true;
  const asked = ask({ attempt, options, dropsRaw });
  const code = answers.now() ?? answers.load();
  const drop = (late: LanguageModelV4StreamResult) => late.stream.cancel();
  const result = await untilCut({ attempt, promise: asked, drop });
  const { receiveStream } = code instanceof Promise ? await untilLoaded({ attempt, code, result }) : code;
  return await receiveStream({ attempt, queue, options, result, limitMs, dropsRaw, onOpen });
}

/** Waits for the code that reads a stream; without it the stream is let go of, for it holds a socket. */
async function untilLoaded<CODE>({
  attempt,
  code,
  result: { stream },
}: {
  readonly attempt: Attempt;
  readonly code: Promise<CODE>;
  readonly result: LanguageModelV4StreamResult;
}): Promise<CODE> {
  try {
    return await untilCut({ attempt, promise: code });
  } catch (error) {
    void stream.cancel(error).catch(ignore);
    throw error;
  }
}

function ask({
  attempt,
  options,
  dropsRaw,
}: {
  readonly attempt: Attempt;
  readonly options: LanguageModelV4CallOptions;
  readonly dropsRaw: boolean;
}): PromiseLike<LanguageModelV4StreamResult> {
  const { candidate, controller } = attempt;
  const send = (prompt: LanguageModelV4Prompt) =>
    candidate.model.doStream({
      ...options,
      prompt,
      abortSignal: controller.signal,
      ...(dropsRaw && { includeRawChunks: true }),
    });
  const request = requestWithin({ attempt, send });
  const prompt = promptFor({ attempt, prompt: options.prompt });
  return prompt instanceof Promise ? prompt.then(request) : request(prompt);
}

function ignore(): void {}
