import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock';

/** The only key the simulators accept; any other gets the 401 of a broken key. */
export const simulatorKey = 'simulated-key';

/** What can be made to go wrong with one model: `down` answers 503, `cut` ends its stream before the first word. */
export type SimulatedFault = 'down' | 'cut';

/** One loopback server that speaks the protocols of all three providers. It invents its answers: no model runs. */
export type Simulators = {
  /** Of OpenAI and of OpenAI-compatible services. */
  readonly openaiUrl: string;
  readonly geminiUrl: string;
  readonly setFault: (options: { readonly modelId: string; readonly fault: SimulatedFault }) => void;
  readonly stop: () => Promise<void>;
};

/** Starts the simulators on a free port of 127.0.0.1. */
export async function startSimulators(): Promise<Simulators> {
  const faults = new Map<string, SimulatedFault>();
  const has = (fault: SimulatedFault) => (request: ChatCompletionRequest) =>
    faults.get(request.model) === fault;
  const server = new LLMock({
    host: '127.0.0.1',
    port: 0,
    chunkSize: 14,
    latency: 12,
    auth: { apiKeys: [simulatorKey] },
  });

  server.on({ predicate: has('down') }, { error: { message: 'Down for the demonstration.' }, status: 503 });
  // The stream opens with status 200 and its first events, then the connection breaks: no word of an answer came.
  server.on({ predicate: has('cut') }, answer, { truncateAfterChunks: 2 });
  server.on({}, answer);
  const url = await server.start();

  return {
    openaiUrl: `${url}/v1`,
    geminiUrl: `${url}/v1beta`,
    setFault: ({ modelId, fault }) => {
      faults.set(modelId, fault);
    },
    stop: () => server.stop(),
  };
}

function answer({ model, messages, tools = [] }: ChatCompletionRequest) {
  const question = messages.map(({ content }) => textOf(content)).join(' ');
  const next = tools[messages.filter(({ role }) => role === 'tool').length];
  // Whoever brings tools sees each of them called once, in their order; all tools of the examples take a city.
  if (next !== undefined) {
    const call = { name: next.function.name, arguments: '{"city":"Bern"}' };
    return { toolCalls: [call], usage: usageOf({ input: question, output: JSON.stringify(call) }) };
  }
  const content = `A simulated answer of ${model} to "${question}"`;
  return { content, usage: usageOf({ input: question, output: content }) };
}

/** Each protocol has its own words for the same two numbers. */
function usageOf({ input, output }: { readonly input: string; readonly output: string }) {
  const [inputTokens, outputTokens] = [tokensOf(input), tokensOf(output)];
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
  };
}

function textOf(content: ChatCompletionRequest['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(part => part.text ?? '').join('');
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
