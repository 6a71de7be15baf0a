import type { AnswerFinish, CompleteToolCall } from '../answer.ts';
import type { FrameRole } from '../wire.ts';
import { googleError } from './google-error.ts';
import { partialArguments } from './google-partial-arguments.ts';
import { type Frame, field, type Protocol, type Rendering, serverSentEvent } from './protocol.ts';

/** Gemini's `generateContent` and `streamGenerateContent?alt=sse`, as `@ai-sdk/google` reads them. */
export const google: Protocol = {
  name: 'google',
  streamType: 'text/event-stream',
  requestIdHeader: 'x-request-id',
  recognize,
  frames,
  body,
  error: googleError,
  streamError: failure => [event({ role: 'error', data: googleError(failure).body })],
  ping: { role: 'noise', text: ': keep-alive\r\n\r\n' },
  event: ({ role, data }) => ({ role, text: serverSentEvent({ data, lineEnd: '\r\n' }) }),
};

function recognize({ path }: { path: string }): { model: string; stream: boolean } | undefined {
  const match = /\/models\/([^/:?]+):(generateContent|streamGenerateContent)(?:\?|$)/.exec(path);
  if (match === null) return undefined;
  const [, model = '', method] = match;
  return { model: decodeURIComponent(model), stream: method === 'streamGenerateContent' };
}

function frames(rendering: Rendering): readonly Frame[] {
  const { answer } = rendering;
  const chunk = (part: {
    role: FrameRole;
    parts: readonly object[];
    finish?: string;
    final?: boolean;
  }): Frame =>
    event({
      role: part.role,
      data: {
        candidates: [
          {
            ...(part.parts.length === 0 ? {} : { content: { parts: part.parts, role: 'model' } }),
            ...(part.finish === undefined ? {} : { finishReason: part.finish }),
            index: 0,
          },
        ],
        ...chunkTail({ ...rendering, final: part.final ?? false }),
      },
    });
  if (answer.blockReason !== undefined) return [event({ role: 'finish', data: blocked(rendering) })];

  const output = [
    ...(answer.reasoning ?? []).map(text => chunk({ role: 'reasoning', parts: [{ text, thought: true }] })),
    ...[...answer.text, ...answer.refusal].map(text => chunk({ role: 'text', parts: [{ text }] })),
    ...answer.toolCalls.flatMap(call =>
      functionCallParts({ call, rendering }).map(part => chunk({ role: 'tool-input', parts: [part] })),
    ),
  ];
  return [
    ...output,
    chunk({ role: 'finish', parts: lastParts(rendering), finish: finishReason(rendering), final: true }),
  ];
}

function body(rendering: Rendering): unknown {
  const { answer } = rendering;
  if (answer.blockReason !== undefined) return blocked(rendering);
  const parts = [
    ...((answer.reasoning ?? []).length === 0 ? [] : [{ text: answer.reasoning?.join(''), thought: true }]),
    ...(answer.text.length + answer.refusal.length === 0
      ? []
      : [{ text: [...answer.text, ...answer.refusal].join(''), ...signature({ rendering, when: 'text' }) }]),
    ...answer.toolCalls.map(call => wholeCall({ call, rendering })),
  ];
  return {
    candidates: [
      {
        ...(parts.length === 0 ? {} : { content: { parts, role: 'model' } }),
        finishReason: finishReason(rendering),
        index: 0,
      },
    ],
    ...chunkTail({ ...rendering, final: true }),
  };
}

function blocked(rendering: Rendering): object {
  return {
    promptFeedback: { blockReason: rendering.answer.blockReason },
    ...chunkTail({ ...rendering, final: true }),
  };
}

// Function calls come whole, unless the request asks for their arguments in pieces.
function functionCallParts({
  call,
  rendering,
}: {
  call: CompleteToolCall;
  rendering: Rendering;
}): readonly object[] {
  const config = field({
    of: field({ of: rendering.exchange.body, name: 'toolConfig' }),
    name: 'functionCallingConfig',
  });
  const inPieces = field({ of: config, name: 'streamFunctionCallArguments' }) === true;
  const input = parsed(call.pieces.join(''));
  return inPieces && isRecord(input)
    ? partialArguments({ toolName: call.toolName, input })
    : [wholeCall({ call, rendering })];
}

function wholeCall({ call, rendering }: { call: CompleteToolCall; rendering: Rendering }): object {
  return {
    functionCall: { id: call.toolCallId, name: call.toolName, args: parsed(call.pieces.join('')) },
    ...(call === rendering.answer.toolCalls[0] ? signature({ rendering, when: 'tool-call' }) : {}),
  };
}

// Gemini signs the first function call; a text answer is signed by an empty last part.
function lastParts(rendering: Rendering): readonly object[] {
  if (rendering.answer.text.length === 0) return [];
  return [{ text: '', ...signature({ rendering, when: 'text' }) }];
}

function signature({
  rendering: { answer },
  when,
}: {
  rendering: Rendering;
  when: 'text' | 'tool-call';
}): object {
  const signed = answer.toolCalls.length > 0 ? 'tool-call' : 'text';
  return answer.reasoning !== undefined && signed === when ? { thoughtSignature: answer.signature } : {};
}

function chunkTail({ answer, tag, final }: Rendering & { final: boolean }): object {
  const { usage } = answer;
  return {
    ...(usage === undefined
      ? {}
      : {
          usageMetadata: {
            promptTokenCount: usage.inputTokens,
            ...(final ? { candidatesTokenCount: usage.outputTokens - usage.reasoningTokens } : {}),
            totalTokenCount: usage.inputTokens + (final ? usage.outputTokens : usage.reasoningTokens),
            ...(usage.cacheReadTokens > 0 ? { cachedContentTokenCount: usage.cacheReadTokens } : {}),
            promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.inputTokens }],
            ...(usage.reasoningTokens > 0 ? { thoughtsTokenCount: usage.reasoningTokens } : {}),
          },
        }),
    ...(answer.model === undefined ? {} : { modelVersion: answer.model }),
    responseId: `response_${tag}`,
  };
}

const finishReasons: Readonly<Record<AnswerFinish, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

function finishReason({ answer }: Rendering): string {
  return answer.rawFinish ?? finishReasons[answer.finish];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function event({ role, data }: { role: FrameRole; data: unknown }): Frame {
  return { role, text: serverSentEvent({ data: JSON.stringify(data), lineEnd: '\r\n' }) };
}
