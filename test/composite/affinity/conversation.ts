import { generateText, type ModelMessage, streamText } from 'ai';
import { type CompositeOptions, compositeMetadata, createComposite, type StateStore } from 'ai-composite';
import { createManualClock, type ManualClock } from '../../fallback/manual-clock.ts';
import { down, scriptedModel, type Turn } from '../../fallback/scripted-model.ts';

export const minuteMs = 60_000;
export const ok: Turn = { text: ['ok'] };

/** Who is out of order just now, by name. */
export type Outage = Set<string>;

/** A route of scripted models that fail while they are out of order, under a clock that stands still. */
export function composeRoute({
  names = ['first', 'second'],
  options = {},
  clock = createManualClock(),
  state,
  out = new Set(),
  turnOf = () => ok,
  prices = {},
}: {
  readonly names?: readonly string[];
  readonly options?: Omit<CompositeOptions, 'state' | 'clock'>;
  readonly clock?: ManualClock;
  readonly state?: StateStore;
  readonly out?: Outage;
  readonly turnOf?: (name: string) => Turn;
  readonly prices?: Readonly<
    Record<string, { inputTokens: number; outputTokens: number; cacheReadTokens?: number }>
  >;
} = {}) {
  const models = new Map(
    names.map(name => [
      name,
      scriptedModel({ id: name, turns: () => (out.has(name) ? { error: down } : turnOf(name)) }),
    ]),
  );
  const ai = createComposite(
    [...models].map(([name, model]) => ({ model, name, ...(prices[name] && { price: prices[name] }) })),
    {
      attempts: 1,
      pricing: { catalog: false, onWarning: () => {} },
      clock,
      ...(state !== undefined && { state }),
      ...options,
    },
  );
  return { ai, clock, out, models };
}

/** A conversation as an application holds it. */
export function converse({
  ai,
  mode = 'generate',
}: {
  readonly ai: Parameters<typeof generateText>[0]['model'];
  readonly mode?: 'generate' | 'stream';
}) {
  const messages: ModelMessage[] = [];
  /** Asks something; answers who served, and what became of affinity. */
  return async (composite: Parameters<typeof generateText>[0]['providerOptions'] = {}) => {
    messages.push({ role: 'user', content: 'And now?' });
    const ask = { model: ai, messages, providerOptions: composite };
    if (mode === 'generate') {
      const result = await generateText(ask);
      messages.push(...result.response.messages);
      const report = compositeMetadata(result);
      return { candidate: report?.candidate, affinity: report?.affinity };
    }
    const result = streamText({ ...ask, onError: () => {} });
    await result.consumeStream();
    messages.push(...(await result.response).messages);
    const report = await compositeMetadata(result);
    return { candidate: report?.candidate, affinity: report?.affinity };
  };
}

/** What a turn came to, in a few words: who served, and the decision with its reason. */
export async function inShort(turn: ReturnType<ReturnType<typeof converse>>): Promise<string> {
  const { candidate, affinity } = await turn;
  if (affinity === undefined) return `${candidate}`;
  return affinity.decision === 'stayed'
    ? `${candidate} stayed`
    : `${candidate} ${affinity.decision} ${affinity.reason}`;
}
