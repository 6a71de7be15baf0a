import type { SharedV4ProviderOptions } from '../../provider/sdk-types.ts';

/** What a family of models wants of a conversation in which others had a part. */
export type HistoryRules = {
  /** Two models are of one family if this is the same: reasoning that names no account goes from one to the other. */
  readonly family: string;
  /** Where its packages keep signed reasoning, which every account of the family can check; each reads its own name only. */
  readonly signed?: { readonly names: ReadonlyArray<string>; readonly keys: ReadonlyArray<string> };
  /** The ids of tool calls that it takes; anything else is renamed. */
  readonly callId: {
    readonly pattern: RegExp;
    /** The id instead of another one; the count tells those apart that would be the same. */
    readonly make: (old: { readonly id: string; readonly count: number }) => string;
  };
  /** It refuses a tool call without reasoning before it; this stands where nobody wrote any. */
  readonly missingReasoning?: string;
  /** Stands in for the signature of a tool call that another model made. */
  readonly unsignedCall?: SharedV4ProviderOptions;
};

type Row = Omit<HistoryRules, 'family' | 'callId'> & {
  readonly of: RegExp;
  /** For models that are reached by these providers only. */
  readonly by?: RegExp;
  /** The part of a model id that says which model it is; left out where every model of the row can read every other. */
  readonly model?: (id: string) => string;
  readonly callId?: HistoryRules['callId'];
};

/** What every provider but those below takes; Anthropic refuses anything else, and some servers send dots and colons. */
const commonId: HistoryRules['callId'] = {
  pattern: /^[a-zA-Z0-9_-]{1,64}$/,
  make: ({ id, count }) =>
    `${id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 56)}${count === 1 ? '' : `_${count}`}`,
};

/** Nine letters or digits (400 with code 3280 otherwise); the same id is made of the same one in every step. */
const nineId: HistoryRules['callId'] = {
  pattern: /^[a-zA-Z0-9]{9}$/,
  make: ({ id, count }) => {
    const text = `${count}${id}`;
    let [one, other] = [0x811c9dc5, 0xdeadbeef];
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      one = Math.imul(one ^ unit, 0x01000193);
      other = Math.imul(other ^ unit, 0x9e3779b1) ^ (other >>> 15);
    }
    return `${(one >>> 0).toString(36)}${(other >>> 0).toString(36).padStart(7, '0')}`
      .padStart(9, '0')
      .slice(-9);
  },
};

/**
 * By `provider/modelId`; the first that matches holds.
 *
 * - Claude: signatures are checked by model, on every platform; a model may refuse those of another model, and what another
 *   account made is checked or left out, never refused (platform.claude.com, Preserved thinking, and the Amazon Bedrock User
 *   Guide, read 2026-11-28).
 * - Mistral: the ids of tool calls (its error 3280).
 * - Kimi and DeepSeek: with thinking on, `reasoning_content` must come back with a tool call (their 400, "reasoning_content is
 *   missing"). DeepSeek's R1 must not get any; its other models take a blank, and so does Kimi.
 * - Gemini 3 and later: a tool call without a signature is refused, unless this sentinel is in its place
 *   (ai.google.dev/gemini-api/docs/thought-signatures). Signatures of another account are not known to be readable.
 */
const rows: ReadonlyArray<Row> = [
  {
    of: /claude/i,
    // Whatever the provider is called: only packages for chat completions, and routers, know no signatures of Anthropic's.
    by: /^(?!.*(?:openrouter|\.(?:chat|completion|responses)$))/i,
    signed: { names: ['anthropic', 'amazonBedrock', 'bedrock'], keys: ['signature', 'redactedData'] },
    model: claudeModel,
  },
  { of: /[a-z]+[sx]tral/i, callId: nineId },
  { of: /deepseek.*\br1\b/i, model: lastOf },
  { of: /moonshot|kimi/i, missingReasoning: ' ' },
  { of: /deepseek/i, missingReasoning: ' ' },
  {
    of: /gemini-(?:[3-9]|\d\d)|gemini-(?:\w+-)*latest/i,
    unsignedCall: { google: { thoughtSignature: 'skip_thought_signature_validator' } },
  },
];

/** `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `claude-sonnet-4-5@20250929` and `anthropic/claude-sonnet-4.5` are one model. */
function claudeModel(id: string): string {
  const [name = id] = id.toLowerCase().match(/claude[a-z0-9.-]*/) ?? [];
  return name.replaceAll('.', '-').replace(/(?:-v\d+)?(?:-\d{8})?(?:-v\d+)?$/, '');
}

/** The name of a model without the path that leads to it. */
function lastOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).toLowerCase();
}

/** The rules for one model. */
export function historyRules({
  provider,
  modelId,
}: {
  readonly provider: string;
  readonly modelId: string;
}): HistoryRules {
  const isOf = (name: string) => (row: Row) => row.of.test(name) && row.by?.test(provider) !== false;
  const row = rows.find(isOf(modelId)) ?? rows.find(isOf(provider));
  if (row === undefined) return { family: lastOf(modelId), callId: commonId };
  const { of, by: _by, model, callId = commonId, ...rules } = row;
  return { ...rules, callId, family: model === undefined ? of.source : model(modelId) };
}
