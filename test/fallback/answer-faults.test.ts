import { fault, respond } from '../../src/testing/index.ts';
import type { Client } from '../testing/clients.ts';
import { describeWireFaults, primaryText } from './wire-case.ts';

const broken = (...faults: ReadonlyArray<ReturnType<typeof fault.cut>>) =>
  respond.answer({ text: primaryText, faults });
const isAnthropic = ({ protocol }: Client) => protocol === 'anthropic';
const isGoogle = ({ protocol }: Client) => protocol === 'google';
const toolCall = { toolName: 'weather', input: { city: 'Bern', days: 3 } };

describeWireFaults([
  { name: 'a whole answer', replies: () => [broken()], verdict: () => ({ type: 'answer' }) },
  {
    name: 'an empty 200',
    replies: () => [respond.empty()],
    verdict: ({ mode }) => ({
      type: 'fallback',
      kind: mode === 'generateText' ? 'empty' : ['empty', 'malformed-response'],
    }),
  },
  {
    name: 'a 200 that is a web page',
    replies: () => [respond.html()],
    verdict: () => ({ type: 'fallback', kind: ['empty', 'malformed-response'] }),
  },
  {
    name: 'a 200 with JSON of some other service',
    replies: () => [respond.body({ text: '{"hello":"world"}' })],
    verdict: ({ client, mode }) => ({
      type: 'fallback',
      kind: ['empty', 'malformed-response', 'server'],
      // The Responses client itself reports such a body as a server error.
      attempts: client.name.includes('responses') && mode === 'generateText' ? 2 : 1,
    }),
  },
  {
    name: 'a malformed first event',
    modes: ['streamText'],
    replies: () => [broken(fault.malformed({ after: 'head' }))],
    // Anthropic's client gives the whole stream up.
    verdict: ({ client }) =>
      isAnthropic(client)
        ? { type: 'fallback', kind: ['unknown', 'malformed-response'] }
        : { type: 'answer' },
  },
  {
    name: 'a malformed event before output',
    modes: ['streamText'],
    replies: () => [broken(fault.malformed({ after: 0 }))],
    verdict: () => ({ type: 'answer' }),
  },
  {
    name: 'a malformed event in the middle of a whole stream',
    modes: ['streamText'],
    replies: () => [broken(fault.malformed({ after: 2 }))],
    verdict: () => ({ type: 'answer' }),
  },
  {
    name: 'an event of an unknown shape in the middle of a whole stream',
    modes: ['streamText'],
    replies: () => [broken(fault.malformed({ after: 2, data: '{"unexpected":true}' }))],
    verdict: () => ({ type: 'answer' }),
  },
  {
    name: 'a malformed event, then a clean end without a finish',
    modes: ['streamText'],
    replies: () => [
      broken(fault.malformed({ after: 2 }), fault.omit({ roles: ['finish', 'usage', 'terminator'] })),
    ],
    verdict: () => ({ type: 'break', kind: ['malformed-response', 'network', 'server'], text: 'ABCD' }),
  },
  {
    name: 'an event sent twice is what the provider said',
    modes: ['streamText'],
    only: ({ protocol }) => protocol !== 'google',
    replies: () => [broken(fault.duplicate({ after: 2 }))],
    verdict: () => ({ type: 'answer', text: 'ABBCD' }),
  },
  {
    name: 'two events in the wrong order',
    modes: ['streamText'],
    replies: () => [broken(fault.swap({ after: 2 }))],
    verdict: () => ({ type: 'answer', text: 'ACBD' }),
  },
  {
    name: 'a malformed body',
    modes: ['generateText'],
    replies: () => [broken(fault.malformed({ after: 1 }))],
    verdict: () => ({ type: 'fallback', kind: 'malformed-response' }),
  },
  {
    name: 'a whole stream without its terminator',
    modes: ['streamText'],
    replies: () => [broken(fault.omit({ roles: ['terminator'] }))],
    // Without message_stop Anthropic's client drops the finish it has seen.
    verdict: ({ client }) =>
      isAnthropic(client) ? { type: 'break', kind: 'network', text: 'ABCD' } : { type: 'answer' },
  },
  {
    name: 'whole text, but no finish',
    modes: ['streamText'],
    replies: () => [broken(fault.omit({ roles: ['finish', 'usage', 'terminator'] }))],
    verdict: () => ({ type: 'break', kind: ['network', 'malformed-response', 'server'], text: 'ABCD' }),
  },
  {
    name: 'no usage',
    replies: () => [respond.answer({ text: primaryText, usage: null })],
    verdict: ({ client }) =>
      isAnthropic(client)
        ? { type: 'fallback', kind: ['malformed-response', 'unknown'] }
        : { type: 'answer' },
  },
  {
    name: 'no model id',
    replies: () => [respond.answer({ text: primaryText, model: null })],
    verdict: () => ({ type: 'answer' }),
  },
  {
    name: 'no output and finish stop',
    modes: ['generateText'],
    replies: () => [respond.answer({ finish: 'stop' })],
    verdict: () => ({ type: 'answer', text: '' }),
  },
  {
    name: 'no output and finish length',
    modes: ['generateText'],
    replies: () => [respond.answer({ finish: 'length' })],
    verdict: () => ({ type: 'answer', text: '', finish: 'length' }),
  },
  {
    name: 'no output and a content filter',
    replies: () => [respond.answer({ finish: 'content-filter' })],
    verdict: () => ({ type: 'refusal' }),
  },
  {
    name: 'a blocked prompt',
    replies: () => [respond.answer({ blockReason: 'PROHIBITED_CONTENT' })],
    verdict: () => ({ type: 'refusal' }),
  },
  {
    name: 'text, then a content filter',
    replies: () => [respond.answer({ text: primaryText, finish: 'content-filter' })],
    verdict: () => ({ type: 'answer', finish: 'content-filter' }),
  },
  {
    name: 'a refusal in words',
    replies: () => [respond.answer({ refusal: 'I cannot help.' })],
    verdict: ({ client }) => ({
      type: 'answer',
      text: 'I cannot help.',
      finish: client.protocol.startsWith('openai') ? 'content-filter' : 'stop',
    }),
  },
  {
    name: 'no output and finish other',
    replies: () => [respond.answer({ finish: 'other' })],
    verdict: () => ({ type: 'fallback', kind: 'empty' }),
  },
  {
    name: 'text and finish other',
    replies: () => [respond.answer({ text: primaryText, finish: 'other' })],
    verdict: () => ({ type: 'answer', finish: 'other' }),
  },
  {
    name: 'a tool call that Gemini could not form',
    only: isGoogle,
    replies: () => [respond.answer({ rawFinish: 'MALFORMED_FUNCTION_CALL' })],
    verdict: () => ({ type: 'fallback', kind: 'malformed-response' }),
  },
  {
    name: 'a connection closed inside tool arguments',
    modes: ['streamText'],
    replies: () => [
      respond.answer({
        toolCalls: [toolCall],
        faults: [fault.cut({ after: 0, of: 'tool-input', inside: true })],
      }),
    ],
    verdict: () => ({ type: 'fallback', kind: 'network', attempts: 2 }),
  },
  {
    name: 'a clean end inside tool arguments',
    modes: ['streamText'],
    // Gemini sends calls whole, so its first piece is the call.
    only: client => !isGoogle(client),
    replies: () => [
      respond.answer({ toolCalls: [toolCall], faults: [fault.end({ after: 1, of: 'tool-input' })] }),
    ],
    verdict: ({ client }) => ({
      type: 'fallback',
      kind: ['network', 'malformed-response'],
      attempts: client.name.includes('compatible') ? 1 : 2,
    }),
  },
  {
    name: 'silence inside tool arguments',
    modes: ['streamText'],
    only: client => !isGoogle(client),
    timeout: { chunkMs: 40 },
    closesSocket: true,
    replies: () => [
      respond.answer({ toolCalls: [toolCall], faults: [fault.stall({ after: 1, of: 'tool-input' })] }),
    ],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
]);
