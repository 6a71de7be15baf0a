import { fault, respond } from '../../src/testing/index.ts';
import type { Client } from '../testing/clients.ts';
import { describeWireFaults, primaryText } from './wire-case.ts';

const answer = respond.answer({ text: primaryText });
const broken = (...faults: ReadonlyArray<ReturnType<typeof fault.cut>>) =>
  respond.answer({ text: primaryText, faults });

describeWireFaults([
  {
    name: 'a reset before headers, always',
    replies: () => [respond.reset()],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'a reset before headers, once',
    replies: () => [respond.reset(), answer],
    verdict: () => ({ type: 'answer', retried: 'network' }),
  },
  {
    name: 'a connection closed before headers',
    replies: () => [respond.cut()],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'bytes that are not HTTP',
    replies: () => [respond.garbage()],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'silence before headers',
    timeout: { attemptMs: 100, firstChunkMs: 100 },
    closesSocket: true,
    replies: () => [respond.silence()],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
  {
    name: 'headers, then silence',
    timeout: { attemptMs: 100, firstChunkMs: 100 },
    closesSocket: true,
    replies: () => [broken(fault.stall({ after: 'head' }))],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
  {
    name: 'a preamble, then silence',
    modes: ['streamText'],
    timeout: { firstChunkMs: 100 },
    closesSocket: true,
    replies: () => [broken(fault.stall({ after: 'preamble' }))],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
  {
    name: 'keep-alive signs and no output',
    modes: ['streamText'],
    timeout: { firstChunkMs: 100 },
    closesSocket: true,
    replies: () => [
      broken(fault.ping({ after: 'preamble', count: 1_000, until: 2 }), fault.stall({ after: 0 })),
    ],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
  {
    name: 'half a body, then silence',
    modes: ['generateText'],
    timeout: { attemptMs: 100 },
    closesSocket: true,
    replies: () => [broken(fault.stall({ after: 1 }))],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
  {
    name: 'a reset after headers',
    replies: () => [broken(fault.reset({ after: 'head' }))],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'a connection closed after headers',
    replies: () => [broken(fault.cut({ after: 'head' }))],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'a connection closed behind the preamble',
    modes: ['streamText'],
    replies: () => [broken(fault.cut({ after: 'preamble' }))],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'a clean end behind the preamble',
    modes: ['streamText'],
    replies: () => [broken(fault.end({ after: 'preamble' }))],
    verdict: ({ client }) => ({
      type: 'fallback',
      kind: ['network', 'empty', 'malformed-response'],
      attempts: attemptsOfEnd(client),
    }),
  },
  {
    name: 'half a body, then the connection is closed',
    modes: ['generateText'],
    replies: () => [broken(fault.cut({ after: 1 }))],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'half a body, then a clean end',
    modes: ['generateText'],
    replies: () => [broken(fault.end({ after: 1 }))],
    verdict: () => ({ type: 'fallback', kind: 'malformed-response' }),
  },
  {
    name: 'two deltas, then the connection is closed',
    modes: ['streamText'],
    replies: gate => [broken(fault.cut({ after: 2, until: gate.opened }))],
    verdict: () => ({ type: 'break', kind: 'network', text: 'AB' }),
  },
  {
    name: 'two deltas, then a reset',
    modes: ['streamText'],
    replies: gate => [broken(fault.reset({ after: 2, until: gate.opened }))],
    verdict: () => ({ type: 'break', kind: 'network', text: 'AB' }),
  },
  {
    name: 'a connection closed inside the third delta',
    modes: ['streamText'],
    replies: gate => [broken(fault.cut({ after: 2, inside: true, until: gate.opened }))],
    verdict: () => ({ type: 'break', kind: ['network', 'malformed-response'], text: 'AB' }),
  },
  {
    name: 'two deltas, then a clean end without a finish',
    modes: ['streamText'],
    replies: () => [broken(fault.end({ after: 2 }))],
    verdict: () => ({ type: 'break', kind: ['network', 'malformed-response'], text: 'AB' }),
  },
  {
    name: 'two deltas, then silence',
    modes: ['streamText'],
    timeout: { chunkMs: 60 },
    closesSocket: true,
    replies: () => [broken(fault.stall({ after: 2 }))],
    verdict: () => ({ type: 'break', kind: 'timeout', text: 'AB' }),
  },
  {
    name: 'one byte at a time',
    replies: () => [respond.answer({ text: ['naïve ', '日本', '🙂'], faults: [fault.drip({ bytes: 7 })] })],
    verdict: () => ({ type: 'answer', text: 'naïve 日本🙂' }),
  },
]);

/** Only where a block of the answer had begun is it a broken connection, worth another try; else it was an empty answer. */
function attemptsOfEnd({ name }: Client): number {
  return name === '@ai-sdk/openai chat' || name === '@ai-sdk/anthropic' ? 2 : 1;
}
