import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import { describe, expect, test } from 'vitest';
import type { CallDefaults } from '../../src/candidate/call-options.ts';
import type { Candidate, Capabilities } from '../../src/candidate/candidate.ts';
import type { Affinity, Served } from '../../src/route/affinity/affinity.ts';
import type { CandidateCost } from '../../src/route/order/candidate-cost.ts';
import type { Order } from '../../src/route/order/order.ts';
import { type Health, orderCandidates } from '../../src/route/plan.ts';
import { unseen } from '../../src/state/observed/merits.ts';
import { call } from '../testing/call.ts';
import { candidateOf } from './candidate-of.ts';

const closed: Health = { state: 'closed', isProbing: false, openUntilMs: undefined };
const halfOpen: Health = { state: 'half-open', isProbing: false, openUntilMs: undefined };
const probing: Health = { state: 'half-open', isProbing: true, openUntilMs: undefined };
const openUntil = (openUntilMs: number): Health => ({ state: 'open', isProbing: false, openUntilMs });

const fileOf = (mediaType: string): LanguageModelV4CallOptions['prompt'] => [
  { role: 'user', content: [{ type: 'file', mediaType, data: { type: 'data', data: 'AA==' } }] },
];
const image = fileOf('image/png');

const weather: LanguageModelV4FunctionTool = {
  type: 'function',
  name: 'weather',
  inputSchema: { type: 'object' },
};

const imageFromTool: LanguageModelV4CallOptions['prompt'] = [
  {
    role: 'tool',
    content: [
      {
        type: 'tool-result',
        toolCallId: '1',
        toolName: 'screenshot',
        output: {
          type: 'content',
          value: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } }],
        },
      },
    ],
  },
];

/** A message with files that providers hold. */
const uploaded = (
  ...references: ReadonlyArray<Record<string, string>>
): LanguageModelV4CallOptions['prompt'] => [
  {
    role: 'user',
    content: references.map(reference => ({
      type: 'file',
      mediaType: 'text/plain',
      data: { type: 'reference', reference },
    })),
  },
];

type Case = {
  readonly name: string;
  readonly options?: Partial<LanguageModelV4CallOptions>;
  /** Of every candidate. */
  readonly provider?: string;
  readonly pin?: string;
  /** Of a, b and c; closed and unknown where left out. */
  readonly health?: Readonly<Record<string, Health>>;
  readonly capabilities?: Readonly<Record<string, Capabilities>>;
  readonly settings?: Readonly<Record<string, CallDefaults>>;
  readonly inputTokens?: number;
  /** What a list says of each model's context window. */
  readonly listedWindows?: Readonly<Record<string, number>>;
  /** Default: as listed. */
  readonly order?: Order;
  readonly served?: Served;
  /** Default: true. */
  readonly hasAffinity?: boolean;
  readonly costs?: Readonly<Record<string, CandidateCost>>;
  /** Who broke off an answer a moment ago. */
  readonly interrupted?: ReadonlyArray<string>;
  /** What came of affinity, where somebody served before. */
  readonly affinity?: Affinity;
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
    name: 'moves who broke off an answer behind the others',
    interrupted: ['a'],
    steps: ['b listed 2', 'c listed 2', 'a interrupted 2'],
  },
  {
    name: 'asks an open candidate before one that broke off an answer',
    interrupted: ['a'],
    health: { b: openUntil(9), c: openUntil(5) },
    steps: ['c circuit-open 2', 'b circuit-open 2', 'a interrupted 2'],
  },
  {
    name: 'asks first who broke off first, where all did',
    interrupted: ['b', 'c', 'a'],
    steps: ['b interrupted 2', 'c interrupted 2', 'a interrupted 2'],
  },
  {
    name: 'asks who broke off an answer where nobody else is able',
    interrupted: ['a'],
    capabilities: { b: { tools: false }, c: { tools: false } },
    steps: ['a listed 2'],
    skipped: [
      'b: declared without tools, which the request needs',
      'c: declared without tools, which the request needs',
    ],
  },
  {
    name: 'asks a pinned candidate that broke off an answer',
    interrupted: ['a'],
    pin: 'a',
    steps: ['a pinned 2'],
  },
  {
    name: 'knows nothing of a candidate of another route that broke off an answer',
    interrupted: ['d'],
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'leaves the candidate of the conversation that broke off an answer',
    served: { candidate: 'b', source: 'history' },
    interrupted: ['b'],
    steps: ['a listed 2', 'c listed 2', 'b interrupted 2'],
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'interrupted' },
  },
  {
    name: 'stays on another one than broke off an answer',
    served: { candidate: 'b', source: 'history' },
    interrupted: ['a'],
    steps: ['b affinity 2', 'c listed 2', 'a interrupted 2'],
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
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
  ...(
    [
      ['image', 'images', 'IMAGE/PNG'],
      ['image', 'images', 'image'],
      ['image', 'images', 'image/*'],
      ['pdf', 'PDF files', 'Application/PDF'],
      ['audio', 'audio', 'AUDIO/wav'],
    ] as const
  ).map(([need, word, mediaType]) => ({
    name: `takes ${mediaType} for what it is`,
    options: { prompt: fileOf(mediaType) },
    capabilities: { a: { [need]: false } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: [`a: declared without ${word}, which the request needs`],
  })),
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
    skipped: ['a: about 1001 input tokens, the context window is 1000'],
  },
  {
    name: 'counts the output that is asked for as part of the context',
    inputTokens: 900,
    options: { maxOutputTokens: 101 },
    capabilities: { a: { contextWindow: 1_000 }, b: { contextWindow: 1_001 } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: about 900 input tokens and up to 101 of output, the context window is 1000'],
  },
  {
    name: 'takes the word of a list for a context window, with room for the error of an estimate',
    inputTokens: 1_101,
    listedWindows: { a: 1_000, b: 1_001 },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: about 1101 input tokens, the context window is 1000'],
  },
  {
    name: 'takes what the user declares over what a list says',
    inputTokens: 5_000,
    listedWindows: { a: 1_000 },
    capabilities: { a: { contextWindow: 10_000 } },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'skips who cannot write as much as is asked for, by the settings of the candidate where it has some',
    options: { maxOutputTokens: 2_000 },
    capabilities: { a: { maxOutputTokens: 1_000 }, b: { maxOutputTokens: 1_000 } },
    settings: { b: { maxOutputTokens: 500 } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: the request wants up to 2000 output tokens, declared are 1000'],
  },
  {
    name: 'skips who cannot be made to call a tool, where one has to be called',
    options: { tools: [weather], toolChoice: { type: 'required' } },
    capabilities: { a: { toolChoice: false } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: declared without a required tool call, which the request needs'],
  },
  {
    name: 'needs no tool choice where the model may choose',
    options: { tools: [weather], toolChoice: { type: 'auto' } },
    capabilities: { a: { toolChoice: false } },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'skips who cannot reason, where an effort is asked for',
    options: { reasoning: 'high' },
    capabilities: { a: { reasoning: false }, b: { reasoning: false } },
    settings: { b: { reasoning: 'none' } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: declared without a reasoning effort, which the request needs'],
  },
  {
    name: 'sees the image that a tool returned',
    options: { prompt: imageFromTool },
    capabilities: { a: { image: false } },
    steps: ['b listed 2', 'c listed 2'],
    skipped: ['a: declared without images, which the request needs'],
  },
  {
    name: 'goes by the tool choice that a candidate brings',
    options: { prompt: [], tools: [weather], toolChoice: { type: 'required' } },
    capabilities: { a: { toolChoice: false }, b: { toolChoice: false } },
    settings: { a: { toolChoice: { type: 'auto' } } },
    steps: ['a listed 2', 'c listed 2'],
    skipped: ['b: declared without a required tool call, which the request needs'],
  },
  {
    name: 'asks nobody for a file that another provider holds',
    provider: 'openai.responses',
    options: { prompt: uploaded({ openai: 'file-1', other: 'file-2' }, { other: 'file-3' }) },
    steps: ['a incapable 2', 'b incapable 2', 'c incapable 2'],
    warnings: [
      'No candidate is known to be able to serve this request; they are asked all the same, the least wrong first (a: a file of the request is held by other only / b: a file of the request is held by other only / c: a file of the request is held by other only).',
    ],
  },
  {
    name: 'asks all the same where nobody is able, the least wrong first, and says so',
    options: { prompt: image, tools: [weather] },
    capabilities: { a: { image: false, tools: false }, b: { image: false }, c: { tools: false } },
    health: { b: openUntil(9) },
    steps: ['c incapable 2', 'a incapable 2', 'b circuit-open 2'],
    warnings: [
      'No candidate is known to be able to serve this request; they are asked all the same, the least wrong first (a: declared without images, which the request needs; declared without tools, which the request needs / b: declared without images, which the request needs / c: declared without tools, which the request needs).',
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

  {
    name: 'stays on who served before',
    served: { candidate: 'b', source: 'history' },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'stays on who is first anyway, which needs no reason of its own',
    served: { candidate: 'a', source: 'session' },
    affinity: { candidate: 'a', source: 'session', decision: 'stayed' },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'leaves who is open',
    served: { candidate: 'b', source: 'history' },
    health: { b: openUntil(9) },
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'circuit-open' },
    steps: ['a listed 2', 'c listed 2', 'b circuit-open 2'],
  },
  {
    name: 'leaves who is being probed by another call',
    served: { candidate: 'b', source: 'history' },
    health: { b: probing },
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'circuit-open' },
    steps: ['a listed 2', 'c listed 2', 'b circuit-open 2'],
  },
  {
    name: 'comes back with the probe',
    served: { candidate: 'b', source: 'history' },
    health: { b: halfOpen },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b probe 1', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'leaves who cannot serve this request',
    served: { candidate: 'b', source: 'history' },
    options: { prompt: image },
    capabilities: { b: { image: false } },
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'incapable' },
    steps: ['a listed 2', 'c listed 2'],
    skipped: ['b: declared without images, which the request needs'],
  },
  {
    name: 'leaves who cannot serve where nobody can, too',
    provider: 'openai.responses',
    served: { candidate: 'b', source: 'history' },
    options: { prompt: uploaded({ other: 'file-1' }) },
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'incapable' },
    steps: ['a incapable 2', 'b incapable 2', 'c incapable 2'],
    warnings: [
      'No candidate is known to be able to serve this request; they are asked all the same, the least wrong first (a: a file of the request is held by other only / b: a file of the request is held by other only / c: a file of the request is held by other only).',
    ],
  },
  {
    name: 'leaves who is no candidate of the route',
    served: { candidate: 'd', source: 'history' },
    affinity: { candidate: 'd', source: 'history', decision: 'left', reason: 'not-in-route' },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    // Uncached, b costs 5 more with the longest output and 4 more without; 0.5 of its input from the cache is worth
    // 0.5 × (8 − 1) = 3.5.
    name: 'leaves for who is cheaper by more than the cache is worth',
    served: { candidate: 'b', source: 'history', cachedShare: 0.5 },
    costs: { a: { minUsd: 4, maxUsd: 10 }, b: { minUsd: 8, minCachedUsd: 1, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'cheaper', savedUsd: 0.5 },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    // 0.8 of the input from the cache is worth 0.8 × (8 − 1) = 5.6.
    name: 'stays where the cache is worth more than leaving saves',
    served: { candidate: 'b', source: 'history', cachedShare: 0.8 },
    costs: { a: { minUsd: 4, maxUsd: 10 }, b: { minUsd: 8, minCachedUsd: 1, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'stays where only a long answer would be cheaper elsewhere',
    served: { candidate: 'b', source: 'history', cachedShare: 0.5 },
    costs: { a: { minUsd: 8, maxUsd: 10 }, b: { minUsd: 8, minCachedUsd: 1, maxUsd: 90 } },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'stays where only a short answer would be cheaper elsewhere',
    served: { candidate: 'b', source: 'history' },
    costs: { a: { minUsd: 4, maxUsd: 20 }, b: { minUsd: 8, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'stays for the answer to a tool, whatever it costs',
    served: { candidate: 'b', source: 'history' },
    options: { prompt: imageFromTool },
    costs: { a: { minUsd: 1, maxUsd: 1 }, b: { minUsd: 8, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'stays where a price is not known',
    served: { candidate: 'b', source: 'history' },
    costs: { b: { minUsd: 8, minCachedUsd: 1, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'compares with the first that is not open',
    served: { candidate: 'b', source: 'history' },
    health: { a: openUntil(9) },
    costs: {
      a: { minUsd: 1, maxUsd: 1 },
      b: { minUsd: 8, maxUsd: 15 },
      c: { minUsd: 9, maxUsd: 20 },
    },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'c listed 2', 'a circuit-open 2'],
  },
  {
    // 8 − 7 for the input, all of it from the cache, is less than 4.
    name: 'takes all of the input for cached until a follow-up was seen',
    served: { candidate: 'b', source: 'session' },
    costs: { a: { minUsd: 4, maxUsd: 10 }, b: { minUsd: 8, minCachedUsd: 1, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'session', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'stays where the difference may be an error of the estimate',
    served: { candidate: 'b', source: 'session' },
    costs: { a: { minUsd: 5, maxUsd: 10 }, b: { minUsd: 5.5, maxUsd: 11 } },
    affinity: { candidate: 'b', source: 'session', decision: 'stayed' },
    steps: ['b affinity 2', 'a listed 2', 'c listed 2'],
  },
  {
    name: 'leaves for the cheapest where no price tells what a cache is worth',
    order: 'cheapest',
    served: { candidate: 'b', source: 'session' },
    costs: {
      a: { minUsd: 4, maxUsd: 10 },
      b: { minUsd: 8, maxUsd: 15 },
      c: { minUsd: 1, maxUsd: 9 },
    },
    affinity: { candidate: 'b', source: 'session', decision: 'left', reason: 'cheaper', savedUsd: 6 },
    steps: ['c cheapest 2', 'a cheapest 2', 'b cheapest 2'],
  },
  {
    name: 'keeps a conversation where weights put it, whatever it costs',
    order: { weights: { a: 5, b: 1 } },
    served: { candidate: 'b', source: 'history' },
    costs: { a: { minUsd: 1, maxUsd: 1 }, b: { minUsd: 8, maxUsd: 15 } },
    affinity: { candidate: 'b', source: 'history', decision: 'stayed' },
    steps: ['b affinity 2', 'a weighted 2', 'c weighted 2'],
  },
  {
    name: 'comes back from a fallback to those with a weight',
    order: { weights: { a: 1 } },
    served: { candidate: 'b', source: 'history' },
    affinity: { candidate: 'b', source: 'history', decision: 'left', reason: 'no-weight' },
    steps: ['a weighted 2', 'b weighted 2', 'c weighted 2'],
  },
  {
    name: 'stays on a fallback while those with a weight are open',
    order: { weights: { a: 1 } },
    served: { candidate: 'c', source: 'history' },
    health: { a: openUntil(9) },
    affinity: { candidate: 'c', source: 'history', decision: 'stayed' },
    steps: ['c affinity 2', 'b weighted 2', 'a circuit-open 2'],
  },
  {
    name: 'tells a function who served before, and leaves the rest to it',
    order: ({ candidates, servedBy }) => [servedBy ?? '', ...candidates.map(({ name }) => name)].toReversed(),
    served: { candidate: 'b', source: 'history' },
    steps: ['c function 2', 'b function 2', 'a function 2'],
  },
  {
    name: 'stays nowhere in a route without affinity',
    hasAffinity: false,
    served: { candidate: 'b', source: 'history' },
    steps: ['a listed 2', 'b listed 2', 'c listed 2'],
  },
  {
    name: 'has a pin before everything',
    pin: 'a',
    served: { candidate: 'b', source: 'history' },
    steps: ['a pinned 2'],
  },
];

describe('a plan', () => {
  test.each(cases)(
    '$name',
    ({
      options,
      provider,
      pin,
      health = {},
      capabilities = {},
      settings = {},
      inputTokens = 0,
      listedWindows = {},
      order = 'listed',
      served,
      hasAffinity = true,
      costs = {},
      interrupted = [],
      steps,
      skipped = [],
      affinity,
      warnings = [],
    }) => {
      const candidates = ['a', 'b', 'c', 'd'].map(name =>
        candidateOf({ name, provider, capabilities: capabilities[name], settings: settings[name] }),
      );
      const plan = orderCandidates({
        route: { task: 'chat', candidates: candidates.slice(0, 3), order, hasAffinity },
        everyCandidate: candidates,
        pin,
        facts: {
          options: call(options),
          input: { tokens: () => inputTokens, isBelow: () => false },
          contextWindowOf: ({ name }) => listedWindows[name],
          healthOf: ({ name }: Candidate) => health[name] ?? closed,
          costOf: ({ name }) => costs[name] ?? {},
          latencyOf: () => ({ isTried: false }),
          inFlightOf: () => 0,
          served,
          interrupted,
          meritsOf: () => unseen,
          random: () => 0,
        },
      });
      expect(
        plan.steps.map(({ candidate, reason, maxAttempts }) => `${candidate.name} ${reason} ${maxAttempts}`),
      ).toEqual(steps);
      expect(plan.skipped.map(({ candidate, reason }) => `${candidate}: ${reason}`)).toEqual(skipped);
      expect(plan.affinity).toEqual(affinity);
      expect(plan.warnings).toEqual(warnings);
    },
  );
});
