import { describe, expect, inject, test, vi } from 'vitest';

const url = inject('appUrl');
const tracesUrl = inject('tracesUrl');
const question = 'Why is the sky blue?';

type Span = {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: ReadonlyArray<{
    readonly key: string;
    readonly value: Readonly<Record<string, unknown>>;
  }>;
};
type Traces = ReadonlyArray<{
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: readonly Span[] }>;
  }>;
}>;

async function spans(): Promise<readonly Span[]> {
  const traces: Traces = await (await fetch(tracesUrl)).json();
  return traces.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(own => own.spans)),
  );
}

function attribute({ span, key }: { readonly span: Span; readonly key: string }): unknown {
  const found = span.attributes.find(own => own.key === key);
  return found === undefined ? undefined : Object.values(found.value)[0];
}

// An app that ran before may send its traces elsewhere.
describe.runIf(tracesUrl !== '')('the traces of an answer', () => {
  test('go from the request of the reader to that of the provider, through the attempt, without a word of them', async () => {
    const headers = { 'content-type': 'application/json' };
    // Another test may have broken it.
    await fetch(`${url}/api/demo`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ provider: 'google', fault: 'none' }),
    });
    const response = await fetch(`${url}/api/chat`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        id: 'traced',
        messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text: question }] }],
      }),
    });
    expect(await response.text()).toContain('"outcome":"success"');

    const sent = await vi.waitFor(
      async () => {
        const all = await spans();
        const leaf = all.find(
          ({ name, parentSpanId }) =>
            name.startsWith('fetch POST') &&
            all.some(
              span =>
                span.spanId === parentSpanId &&
                attribute({ span, key: 'gen_ai.conversation.id' }) === 'traced',
            ),
        );
        const path: Span[] = [];
        for (let span = leaf; span !== undefined; ) {
          path.unshift(span);
          const { parentSpanId } = span;
          span = all.find(({ spanId }) => spanId === parentSpanId);
        }
        expect(path[0]?.name).toBe('POST /api/chat');
        return { all, path };
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(sent.path.map(({ name }) => name.replace(/ http.*/, ''))).toEqual([
      'POST /api/chat',
      'executing api route (app) /api/chat',
      'invoke_agent quick',
      'step 1',
      'chat quick',
      'attempt 1 google/gemini-3.8-flash',
      'fetch POST',
    ]);
    const chat = sent.path[4];
    if (chat === undefined) throw new Error('no chat span');
    expect(attribute({ span: chat, key: 'gen_ai.provider.name' })).toBe('gcp.gemini');
    expect(attribute({ span: chat, key: 'gen_ai.response.model' })).toBe('gemini-3.8-flash');
    expect(JSON.stringify(sent.all)).not.toMatch(/the sky blue|orange and red/);
  });
});
