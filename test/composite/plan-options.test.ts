import { generateText, type LanguageModelMiddleware, Output, tool, wrapLanguageModel } from 'ai';
import { createComposite, type OrderContext, type PlanOptions } from 'ai-composite';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { rejection } from '../testing/call.ts';

const weather = tool({ description: 'The weather', inputSchema: z.object({ city: z.string() }) });
const image = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);

/** A composite that keeps what the plan's order was asked with. */
function compose() {
  const seen: OrderContext['options'][] = [];
  const model = (id: string) => scriptedModel({ id, turns: [{ text: ['{"elements":[]}'] }] });
  const ai = createComposite([model('one'), { model: model('two'), capabilities: { image: true } }], {
    order: ({ options }) => {
      seen.push(options);
      return [];
    },
    pricing: { catalog: false },
  });
  return { ai, seen };
}

const calls = {
  'a text': { prompt: 'Hi' },
  'messages whose content is a text': { messages: [{ role: 'user', content: 'Hi' }] },
  'a prompt of such messages': { prompt: [{ role: 'user', content: 'Hi' }] },
  instructions: { prompt: 'Hi', instructions: 'Be brief.', maxOutputTokens: 5, temperature: 0.5 },
  'an image': { messages: [{ role: 'user', content: [{ type: 'image', image }] }] },
  'a file at a URL': {
    messages: [
      {
        role: 'user',
        content: [{ type: 'file', mediaType: 'image/png', data: new URL('http://127.0.0.1:1/a.png') }],
      },
    ],
  },
  'tools and a choice': { prompt: 'Hi', tools: { weather }, toolChoice: 'required' },
  'structured output': { prompt: 'Hi', output: Output.object({ schema: z.object({ city: z.string() }) }) },
  'a session': { prompt: 'Hi', providerOptions: { composite: { sessionId: 's' }, openai: { store: false } } },
} satisfies Record<string, PlanOptions>;

describe('ai.plan takes what generateText takes', () => {
  test.each(Object.entries(calls))('%s: as the call itself would be routed', async (_name, options) => {
    const { ai, seen } = compose();
    const plan = await ai.plan(options);
    const everyUrl: LanguageModelMiddleware = {
      specificationVersion: 'v4',
      overrideSupportedUrls: () => ({ '*/*': [/^/] }),
    };
    const model = wrapLanguageModel({ model: ai, middleware: everyUrl });
    // Typed for any tools, which generateText takes one by one.
    await Reflect.apply(generateText, undefined, [{ ...options, model }]).catch(() => {});
    expect(plan.steps).toHaveLength(2);
    const [planned, called] = seen.map(({ abortSignal: _signal, ...own }) => JSON.parse(JSON.stringify(own)));
    expect(planned).toEqual(called);
  });

  test('asks no model, runs no callback and no step of it', async () => {
    const { ai, seen } = compose();
    const other = scriptedModel({ id: 'other', turns: [{ text: ['never'] }] });
    const ran: string[] = [];
    const callback = () => void ran.push('callback');
    const options = {
      prompt: 'Hi',
      model: other,
      prepareStep: callback,
      onStepFinish: callback,
      onStart: callback,
    };
    await Reflect.apply(ai.plan, undefined, [options]);
    expect([ran, other.calls.length, seen.length]).toEqual([[], 0, 1]);
  });

  test('the text of a prompt beside tools as models take them', async () => {
    const { ai, seen } = compose();
    const tools = [{ type: 'function', name: 'weather', inputSchema: { type: 'object' } }];
    await Reflect.apply(ai.plan, undefined, [{ prompt: 'Hi', tools, toolChoice: { type: 'required' } }]);
    expect(seen[0]).toMatchObject({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      tools,
      toolChoice: { type: 'required' },
    });
  });

  test.each([
    ['Hi', '"Hi"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
  ])('an options object is asked for in place of %s', async (options, shown) => {
    const { ai } = compose();
    expect(await rejection(Reflect.apply(ai.plan, ai, [options]))).toMatchObject({
      name: 'AI_InvalidArgumentError',
      message: `Invalid plan: takes the options of a call, such as ai.plan({ prompt: "Hi" }) (got ${shown}).`,
    });
  });

  test('what the SDK refuses, it refuses here', async () => {
    const { ai } = compose();
    expect(String(await rejection(ai.plan({ messages: [] })))).toContain('messages must not be empty');
  });
});
