import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import type { Candidate, Capabilities } from '../../src/candidate.ts';
import { type Health, orderCandidates } from '../../src/route/plan.ts';
import { call } from '../testing/call.ts';
import { candidateOf } from './candidate-of.ts';

const closed: Health = { state: 'closed', isProbing: false, openUntilMs: undefined };
const halfOpen: Health = { state: 'half-open', isProbing: false, openUntilMs: undefined };
const probing: Health = { state: 'half-open', isProbing: true, openUntilMs: undefined };
const openUntil = (openUntilMs: number): Health => ({ state: 'open', isProbing: false, openUntilMs });

const image: LanguageModelV4CallOptions['prompt'] = [
  {
    role: 'user',
    content: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } }],
  },
];

type Case = {
  readonly name: string;
  readonly options?: Partial<LanguageModelV4CallOptions>;
  readonly pin?: string;
  /** Of a, b and c; closed and unknown where left out. */
  readonly health?: Readonly<Record<string, Health>>;
  readonly capabilities?: Readonly<Record<string, Capabilities>>;
  readonly inputTokens?: number;
  /** Candidate, reason, most attempts. */
  readonly steps: ReadonlyArray<string>;
  readonly skipped?: ReadonlyArray<string>;
  readonly warnings?: ReadonlyArray<string>;
};

/** The route is a, b, c with two attempts each; d is a candidate of another route. */
const cases: ReadonlyArray<Case> = [
  { name: 'asks as listed', steps: ['a listed 2', 'b listed 2', 'c listed 2'] },
  {
    name: 'moves an open candidate behind the others',
    health: { a: openUntil(9) },
    steps: ['b listed 2', 'c listed 2', 'a circuit-open 2'],
  },
  {
    name: 'asks the soonest to recover first where all are open',
    health: { a: openUntil(30), b: openUntil(10), c: openUntil(20) },
    steps: ['b circuit-open 2', 'c circuit-open 2', 'a circuit-open 2'],
  },
  {
    name: 'probes a recovering candidate in its place, once',
    health: { a: halfOpen },
    steps: ['a probe 1', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'leaves a candidate that is being probed to the end',
    health: { a: probing },
    steps: ['b listed 2', 'c listed 2', 'a circuit-open 2'],
  },
  {
    name: 'skips who is declared unable, with the reason',
    options: { prompt: image },
    capabilities: { a: { image: false }, b: { image: true } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: declared without images, which the request needs'],
  },
  {
    name: 'skips nobody for what the request does not need',
    capabilities: { a: { image: false, pdf: false, audio: false } },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'skips a context window that is too small',
    inputTokens: 1_001,
    capabilities: { a: { contextWindow: 1_000 }, b: { contextWindow: 1_001 } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: about 1001 input tokens, declared is a context window of 1000'],
  },
  {
    name: 'asks all the same where nobody is able, and says so',
    options: { prompt: image },
    capabilities: { a: { image: false }, b: { image: false }, c: { image: false } },
    health: { a: openUntil(9) },
    steps: ['b listed 2', 'c listed 2', 'a circuit-open 2'],
    warnings: [
      'No candidate is known to be able to serve this request (declared without images, which the request needs); they were asked all the same.',
    ],
  },
  {
    name: 'asks a pinned candidate alone, open and unable as it may be',
    pin: 'b',
    options: { prompt: image },
    health: { b: openUntil(9) },
    capabilities: { b: { image: false } },
    steps: ['b pinned 2'],
  },
  { name: 'finds a pinned candidate in another route', pin: 'd', steps: ['d pinned 2'] },
  {
    name: 'routes as usual where the pin names nobody, and says so',
    pin: 'e',
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
    warnings: ['There is no candidate "e"; candidates are a, b, c, d. The call was routed as usual.'],
  },
];

describe('a plan', () => {
  test.each(cases)(
    '$name',
    ({
      options,
      pin,
      health = {},
      capabilities = {},
      inputTokens = 0,
      steps,
      skipped = [],
      warnings = [],
    }) => {
      const candidates = ['a', 'b', 'c', 'd'].map(name =>
        candidateOf({ name, capabilities: capabilities[name] }),
      );
      const plan = orderCandidates({
        route: { task: 'chat', candidates: candidates.slice(0, 3), order: 'listed' },
        everyCandidate: candidates,
        pin,
        options: call(options),
        healthOf: ({ name }: Candidate) => health[name] ?? closed,
        estimateInput: () => inputTokens,
        costOf: () => ({}),
        latencyOf: () => ({ isTried: false }),
        random: () => 0,
      });
      expect(
        plan.steps.map(({ candidate, reason, maxAttempts }) => `${candidate.name} ${reason} ${maxAttempts}`),
      ).toEqual(steps);
      expect(plan.skipped.map(({ candidate, reason }) => `${candidate}: ${reason}`)).toEqual(skipped);
      expect(plan.warnings).toEqual(warnings);
    },
  );
});
