import { fault, type ProviderErrorKind, respond } from '../../src/testing/index.ts';
import { describeWireFaults, primaryText, type Verdict, type WireCase } from './wire-case.ts';

const answer = respond.answer({ text: primaryText });

/** Every error a provider answers with, and what must follow from it. */
const errors: ReadonlyArray<readonly [ProviderErrorKind, Verdict]> = [
  ['rate-limit', { type: 'fallback', kind: 'rate-limit' }],
  ['overloaded', { type: 'fallback', kind: 'overloaded', attempts: 2 }],
  ['server', { type: 'fallback', kind: 'server', attempts: 2 }],
  ['timeout', { type: 'fallback', kind: 'timeout' }],
  ['auth', { type: 'fallback', kind: 'auth' }],
  ['permission', { type: 'fallback', kind: 'auth' }],
  ['quota', { type: 'fallback', kind: 'quota' }],
  ['not-found', { type: 'fallback', kind: 'not-found' }],
  ['context-length', { type: 'fallback', kind: 'context-length' }],
  ['content-filter', { type: 'stop', kind: 'content-filter' }],
];

const fromKinds = errors.map(
  ([kind, verdict]): WireCase => ({
    name: `an HTTP error: ${kind}`,
    replies: () => [respond.error({ kind })],
    verdict: () => verdict,
  }),
);

/** OpenAI's own code for such a request, `unsupported_value`, says more than its status. */
const invalid: WireCase['verdict'] = ({ client }) => ({
  type: 'fallback',
  kind: client.protocol.startsWith('openai') ? 'unsupported' : 'invalid-request',
});

describeWireFaults([
  ...fromKinds,
  {
    name: 'a rate limit with a short Retry-After is waited out',
    replies: () => [respond.error({ kind: 'rate-limit', retryAfterMs: 5 }), answer],
    verdict: () => ({ type: 'answer', retried: 'rate-limit' }),
  },
  {
    name: 'a rate limit with a long Retry-After falls back at once',
    replies: () => [respond.error({ kind: 'rate-limit', retryAfter: 60 }), answer],
    verdict: () => ({ type: 'fallback', kind: 'rate-limit' }),
  },
  {
    name: 'one server error is retried',
    replies: () => [respond.status(500), answer],
    verdict: () => ({ type: 'answer', retried: 'server' }),
  },
  {
    name: 'an HTTP error: invalid-request',
    replies: () => [respond.error({ kind: 'invalid-request' })],
    verdict: invalid,
  },
  { name: 'status 418', replies: () => [respond.status(418)], verdict: invalid },
  {
    name: 'status 402',
    replies: () => [respond.status(402)],
    verdict: () => ({ type: 'fallback', kind: 'quota' }),
  },
  {
    name: 'status 408',
    replies: () => [respond.status(408)],
    verdict: () => ({ type: 'fallback', kind: 'timeout' }),
  },
  {
    name: 'a 503 that is a web page',
    replies: () => [respond.html({ status: 503 })],
    verdict: () => ({ type: 'fallback', kind: 'overloaded', attempts: 2 }),
  },
  {
    name: 'a 503 without a body',
    replies: () => [respond.body({ status: 503, text: '' })],
    verdict: () => ({ type: 'fallback', kind: 'overloaded', attempts: 2 }),
  },
  {
    name: 'an error inside a stream that answered 200, as its first event',
    modes: ['streamText'],
    replies: () => [
      respond.answer({ text: primaryText, faults: [fault.error({ after: 'head', kind: 'overloaded' })] }),
    ],
    verdict: () => ({ type: 'fallback', kind: 'overloaded', attempts: 2 }),
  },
]);
