import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createMCPClient } from '@ai-sdk/mcp';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, Output, type StepResult, ToolLoopAgent, type ToolSet, tool } from 'ai';
import {
  addCosts,
  type CostTotal,
  compositeCost,
  compositeMetadata,
  createComposite,
  createCostTracker,
  formatUsd,
  isInvalidOutput,
  RouteExhaustedError,
} from 'ai-composite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Account, createFaultServer, type FaultServer, respond } from '../../src/testing/index.ts';
import { createEventLog } from '../fallback/event-log.ts';
import { rejection } from '../testing/call.ts';
import { mcpServer } from './mcp-server.ts';

const price = { inputTokens: 1, outputTokens: 2 };
const usage = { inputTokens: 1_000, outputTokens: 500 };
/** Of one answer. */
const stepUsd = 0.002;

let server: FaultServer;
let gpt: Account;
let gemini: Account;
let claude: Account;
beforeEach(async () => {
  server = await createFaultServer();
  [gpt, gemini, claude] = [server.account('gpt'), server.account('gemini'), server.account('claude')];
});
afterEach(() => server.close());

/** A candidate of each of three providers. */
const candidates = () => ({
  gpt: { model: createOpenAI({ baseURL: gpt.baseUrl, apiKey: 'test' })('gpt-6-sol'), name: 'gpt', price },
  gemini: {
    model: createGoogle({ baseURL: gemini.baseUrl, apiKey: 'test' })('gemini-3.8-flash'),
    name: 'gemini',
    price,
  },
  claude: {
    model: createAnthropic({ baseURL: claude.baseUrl, apiKey: 'test' })('claude-sonnet-5'),
    name: 'claude',
    price,
  },
});

const callTool = (toolName: string, input: Readonly<Record<string, unknown>>) =>
  respond.answer({ reasoning: 'I look it up.', toolCalls: [{ toolName, input }], usage });
const say = (text: string) => respond.answer({ text, usage });
const down = respond.error({ kind: 'auth' });

/** The candidate of each step, with those that failed before it. */
function servedBy(steps: ReadonlyArray<StepResult<ToolSet>>): ReadonlyArray<string> {
  return steps.map(step => {
    const attempts = compositeMetadata(step)?.attempts ?? [];
    return attempts
      .map(({ candidate, outcome }) => (outcome === 'success' ? candidate : `-${candidate}`))
      .join(' ');
  });
}

/** The error that a stream shows. */
async function errorIn(
  stream: AsyncIterable<{ readonly type: string; readonly error?: unknown }>,
): Promise<unknown> {
  for await (const part of stream) if (part.type === 'error') return part.error;
  throw new Error('Expected an error.');
}

function weatherTool() {
  const cities: string[] = [];
  const weather = tool({
    description: 'Tells the weather.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      cities.push(city);
      return `${city} is sunny.`;
    },
  });
  return { weather, cities };
}

describe.each(['generate', 'stream'] as const)('an agent (%s)', mode => {
  const run = async <TOOLS extends ToolSet>({
    agent,
    prompt = 'Where is it sunny?',
  }: {
    readonly agent: ToolLoopAgent<never, TOOLS>;
    readonly prompt?: string;
  }) => {
    if (mode === 'generate') {
      const result = await agent.generate({ prompt });
      return { text: result.text, steps: result.steps, cost: compositeCost(result) };
    }
    const result = await agent.stream({ prompt });
    return { text: await result.text, steps: await result.steps, cost: await compositeCost(result) };
  };

  test('falls back in the middle of its work, and goes on where it was', async () => {
    gpt.script([callTool('weather', { city: 'Bern' }), down]);
    gemini.script([callTool('weather', { city: 'Rome' }), respond.error({ kind: 'auth' })]);
    claude.script([say('Both are sunny.')]);
    const { weather, cities } = weatherTool();
    const { gpt: first, gemini: second, claude: third } = candidates();
    const ai = createComposite([first, second, third], { circuitBreaker: false });
    const { text, steps, cost } = await run({ agent: new ToolLoopAgent({ model: ai, tools: { weather } }) });
    expect(text).toBe('Both are sunny.');
    // The second step begins where the first one was, the third where the second one was.
    expect(servedBy(steps)).toEqual(['gpt', '-gpt gemini', '-gemini -gpt claude']);
    expect(cities).toEqual(['Bern', 'Rome']);
    expect(cost).toMatchObject({ usd: 3 * stepUsd, status: 'priced', incomplete: 0 });
    const sent = JSON.stringify(claude.requests[0]?.body);
    expect(sent).toContain('Bern is sunny.');
    expect(sent).toContain('Rome is sunny.');
  });

  test('takes another task for a step, by the model or by the provider options of prepareStep', async () => {
    gpt.script([callTool('weather', { city: 'Bern' })]);
    gemini.script([callTool('weather', { city: 'Rome' })]);
    claude.script([say('Sunny.')]);
    const { gpt: planner, gemini: worker, claude: writer } = candidates();
    const ai = createComposite({ tasks: { plan: [planner], work: [worker], write: [writer] } });
    const { weather } = weatherTool();
    const agent = new ToolLoopAgent({
      model: ai,
      tools: { weather },
      prepareStep: ({ stepNumber }) => {
        if (stepNumber === 1) return { model: ai('work') };
        return stepNumber === 2 ? { providerOptions: { composite: { task: 'write' } } } : undefined;
      },
    });
    const { steps } = await run({ agent });
    expect(steps.map(step => compositeMetadata(step)?.task)).toEqual(['plan', 'work', 'write']);
    expect(servedBy(steps)).toEqual(['gpt', 'gemini', 'claude']);
  });

  test('stops when its steps have cost enough', async () => {
    gpt.script(Array.from({ length: 9 }, () => callTool('weather', { city: 'Bern' })));
    const { weather } = weatherTool();
    const agent = new ToolLoopAgent({
      model: createComposite([candidates().gpt]),
      tools: { weather },
      stopWhen: [({ steps }) => (compositeCost({ steps }).usd ?? 0) >= 3 * stepUsd, isStepCount(9)],
    });
    const { steps, cost } = await run({ agent });
    expect(steps).toHaveLength(3);
    expect(formatUsd(cost)).toBe('$0.006000');
  });

  test('has the cost of the steps before the one that nobody answered, and the error that of this one', async () => {
    gpt.script([callTool('weather', { city: 'Bern' }), down, down]);
    const { weather } = weatherTool();
    const costs: CostTotal[] = [];
    const agent = new ToolLoopAgent({
      model: createComposite([candidates().gpt]),
      tools: { weather },
      onStepEnd: step => void costs.push(compositeCost(step)),
    });
    const failed =
      mode === 'generate'
        ? await rejection(agent.generate({ prompt: 'hi' }))
        : await errorIn((await agent.stream({ prompt: 'hi' })).stream);
    if (!RouteExhaustedError.isInstance(failed)) throw failed;
    expect(formatUsd(addCosts([...costs, failed.cost]))).toBe('$0.002000');
  });

  test('uses the tools of an MCP server, whoever serves the step', async () => {
    gpt.script([callTool('weather', { city: 'Bern' }), down]);
    claude.script([say('Sunny.')]);
    const transport = mcpServer({ run: () => 'Bern is sunny.' });
    const client = await createMCPClient({ transport });
    try {
      const { gpt: first, claude: second } = candidates();
      const agent = new ToolLoopAgent({
        model: createComposite([first, second], { attempts: 1 }),
        tools: await client.tools(),
      });
      const { text, steps } = await run({ agent });
      expect([text, servedBy(steps)]).toEqual(['Sunny.', ['gpt', '-gpt claude']]);
      expect(transport.asked.filter(method => method === 'tools/call')).toHaveLength(1);
      expect(JSON.stringify(claude.requests[0]?.body)).toContain('Bern is sunny.');
    } finally {
      await client.close();
    }
  });
});

describe('structured output', () => {
  const output = Output.object({ schema: z.object({ city: z.string(), sunny: z.boolean() }) });

  test('comes from the next candidate where one does not keep to the schema', async () => {
    gpt.script([say('{"city":"Bern"}')]);
    gemini.script([say('{"city":"Bern","sunny":true}')]);
    const { gpt: first, gemini: second } = candidates();
    const ai = createComposite([first, second], { fallbackWhen: isInvalidOutput() });
    const result = await generateText({ model: ai, output, prompt: 'Is it sunny in Bern?' });
    expect(result.output).toEqual({ city: 'Bern', sunny: true });
    expect(formatUsd(compositeCost(result))).toBe('$0.004000');
  });

  test('ends the work of an agent with tools', async () => {
    gpt.script([callTool('weather', { city: 'Bern' }), down]);
    claude.script([say('{"city":"Bern","sunny":true}')]);
    const { gpt: first, claude: second } = candidates();
    const { weather } = weatherTool();
    const agent = new ToolLoopAgent({
      model: createComposite([first, second], { attempts: 1 }),
      tools: { weather },
      output,
    });
    const result = await agent.generate({ prompt: 'Is it sunny in Bern?' });
    expect(result.output).toEqual({ city: 'Bern', sunny: true });
    expect(servedBy(result.steps)).toEqual(['gpt', '-gpt claude']);
  });
});

describe('an agent that asks another one', () => {
  const compose = () => {
    const tracker = createCostTracker();
    const log = createEventLog();
    const { gpt: lead, gemini: researcher, claude: backup } = candidates();
    const ai = createComposite({
      tasks: { lead: [lead, backup], research: [researcher, backup] },
      attempts: 1,
      observers: [tracker, log.observers],
    });
    const tags = { providerOptions: { composite: { tags: { run: 'seven' } } } };
    const { weather } = weatherTool();
    const subagent = new ToolLoopAgent({ model: ai('research'), tools: { weather }, ...tags });
    const costs: CostTotal[] = [];
    const research = tool({
      description: 'Finds something out.',
      inputSchema: z.object({ question: z.string() }),
      execute: async ({ question }, { abortSignal }) => {
        const result = await subagent.generate({ prompt: question, ...(abortSignal && { abortSignal }) });
        costs.push(compositeCost(result));
        return result.text;
      },
    });
    const agent = new ToolLoopAgent({ model: ai('lead'), tools: { research }, ...tags });
    return { agent, costs, tracker, log };
  };

  test('is one run, whose cost is known, with fallbacks on both levels', async () => {
    gpt.script([callTool('research', { question: 'Is it sunny?' }), down]);
    gemini.script([callTool('weather', { city: 'Bern' }), down]);
    claude.script([say('Bern is sunny.'), say('Go to Bern.')]);
    const { agent, costs, tracker } = compose();
    const result = await agent.generate({ prompt: 'Where shall I go?' });
    expect(result.text).toBe('Go to Bern.');
    expect(servedBy(result.steps)).toEqual(['gpt', '-gpt claude']);
    expect(formatUsd(addCosts([compositeCost(result), ...costs]))).toBe('$0.008000');
    expect(tracker.snapshot().byTag['run=seven']?.usd).toBe(4 * stepUsd);
    expect(Object.keys(tracker.snapshot().byTask)).toEqual(['lead', 'research']);
  });

  test('an abort ends the work of both, and nobody is asked again', async () => {
    gpt.script([callTool('research', { question: 'Is it sunny?' })]);
    gemini.script([respond.silence()]);
    const { agent, log } = compose();
    const controller = new AbortController();
    const failed = rejection(agent.generate({ prompt: 'hi', abortSignal: controller.signal }));
    await gemini.waitForRequests(1);
    controller.abort(new Error('enough'));
    await failed;
    expect(log.events.filter(event => event.startsWith('call'))).toEqual([
      'call success gpt [1 gpt success]',
      'call abort - [1 gemini abort]',
    ]);
    expect(claude.requests).toHaveLength(0);
  });
});

describe('a workflow', () => {
  test('writes, judges and mends, a task for each, and adds up', async () => {
    gpt.script([say('A draft.'), say('A better draft.')]);
    gemini.script([down, down]);
    claude.script([say('{"good":false,"why":"dull"}'), say('{"good":true,"why":"fine"}')]);
    const { gpt: writer, gemini: judge, claude: backup } = candidates();
    const ai = createComposite({ tasks: { write: [writer], judge: [judge, backup] }, attempts: 1 });
    const verdict = Output.object({ schema: z.object({ good: z.boolean(), why: z.string() }) });
    const costs: CostTotal[] = [];
    let draft = '';
    for (let round = 0, note = ''; round < 3; round++) {
      const written = await generateText({ model: ai('write'), prompt: `Write. ${note}` });
      const judged = await generateText({ model: ai('judge'), output: verdict, prompt: written.text });
      costs.push(compositeCost([written, judged]));
      draft = written.text;
      if (judged.output.good) break;
      note = judged.output.why;
    }
    expect(draft).toBe('A better draft.');
    expect(JSON.stringify(gpt.requests[1]?.body)).toContain('Write. dull');
    expect(formatUsd(addCosts(costs))).toBe('$0.008000');
  });

  test('asks several at once, each with its own fallback', async () => {
    gpt.script([down, down]);
    gemini.script([say('yes')]);
    claude.script([say('no'), say('no')]);
    const all = candidates();
    const ai = createComposite({
      tasks: { one: [all.gpt, all.claude], two: [all.gemini, all.claude], three: [all.claude] },
      attempts: 1,
    });
    const answers = await Promise.all(
      ai.tasks.map(task => generateText({ model: ai(task), prompt: 'Is it sunny?' })),
    );
    expect(answers.map(({ text }) => text)).toEqual(['no', 'yes', 'no']);
    expect(compositeCost(answers).usd).toBe(3 * stepUsd);
  });
});
