import type {
  JSONObject,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';

type AssistantMessage = Extract<LanguageModelV4Message, { role: 'assistant' }>;
type ToolMessage = Extract<LanguageModelV4Message, { role: 'tool' }>;
type AssistantPart = AssistantMessage['content'][number];

/**
 * Options on a part that users set themselves and that name nothing in a provider's store. Everything else in a foreign
 * part's options may be an item id, a signature or encrypted reasoning, which other providers and accounts refuse.
 */
const harmlessOptions: ReadonlyArray<string> = ['cacheControl', 'cache_control', 'cachePoint'];

/** The candidate that made a part, read from the stamp that the SDK carries through messages. */
function makerOf(part: { readonly providerOptions?: SharedV4ProviderOptions }): string | undefined {
  const maker = part.providerOptions?.composite?.candidate;
  return typeof maker === 'string' ? maker : undefined;
}

/**
 * The candidate that made the latest part of a conversation, among those that there are: a stamp may be of another
 * composite, of an earlier version, or of whoever sent the messages.
 */
export function lastMaker({
  prompt,
  isCandidate,
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly isCandidate: (name: string) => boolean;
}): string | undefined {
  for (let index = prompt.length - 1; index >= 0; index--) {
    const message = prompt[index];
    if (message?.role !== 'assistant') continue;
    const makers = message.content.map(makerOf).filter(maker => maker !== undefined && isCandidate(maker));
    if (makers.length > 0) return makers.at(-1);
  }
  return undefined;
}

/**
 * The conversation as one candidate may see it: parts that another candidate made lose that provider's ids, signatures
 * and encrypted reasoning; foreign reasoning, provider-executed tools and provider-specific parts go whole, since nobody
 * else accepts them. Its own parts, and parts without a stamp, stay as they are. Returns the same prompt where nothing
 * is foreign.
 */
export function historyFor({
  candidate,
  prompt,
}: {
  readonly candidate: string;
  readonly prompt: LanguageModelV4Prompt;
}): LanguageModelV4Prompt {
  const isForeign = (part: AssistantPart) => {
    const maker = makerOf(part);
    return maker !== undefined && maker !== candidate;
  };
  const needsChange = (part: AssistantPart) => isForeign(part) || innerStamp(part) !== undefined;
  if (!prompt.some(message => message.role === 'assistant' && message.content.some(needsChange)))
    return prompt;

  const renamed = renameCalls({ prompt, isForeign });
  let hasLostCalls = false;
  return prompt.flatMap((message): LanguageModelV4Prompt => {
    if (message.role === 'tool')
      return withContent(
        withResultsOf({ message: hasLostCalls ? withoutApprovals(message) : message, renamed }),
      );
    if (message.role !== 'assistant') return [message];
    hasLostCalls = message.content.some(
      part => part.type === 'tool-call' && part.providerExecuted === true && isForeign(part),
    );
    const content = message.content
      .flatMap(part => (isForeign(part) ? withoutMaker(part) : [withInnerStamp(part)]))
      .map(part =>
        part.type === 'tool-call'
          ? { ...part, toolCallId: renamed.get(part.toolCallId) ?? part.toolCallId }
          : part,
      );
    return withContent({ ...message, content });
  });
}

/** Providers refuse a message with nothing in it. */
function withContent(message: AssistantMessage | ToolMessage): LanguageModelV4Prompt {
  return message.content.length === 0 ? [] : [message];
}

/** A provider asks for approval of the tools that it runs itself; where such a call is gone, there is nothing to approve. */
function withoutApprovals(message: ToolMessage): ToolMessage {
  return { ...message, content: message.content.filter(part => part.type !== 'tool-approval-response') };
}

/** The stamp that a nested composite put on a part before its outer one did. */
function innerStamp(part: AssistantPart): JSONObject | undefined {
  const inner = part.providerOptions?.composite?.inner;
  // Only `stamp` writes this key, and it writes the nested composite's own namespace.
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? (inner as JSONObject)
    : undefined;
}

function withInnerStamp(part: AssistantPart): AssistantPart {
  const composite = innerStamp(part);
  return composite === undefined
    ? part
    : { ...part, providerOptions: { ...part.providerOptions, composite } };
}

/** What every provider takes as a tool call's id; Anthropic refuses anything else, and some servers send dots and colons. */
const commonId = /^[a-zA-Z0-9_-]{1,64}$/;

/** New ids for foreign tool calls whose own would be refused; the same call gets the same id in every step. */
function renameCalls({
  prompt,
  isForeign,
}: {
  readonly prompt: LanguageModelV4Prompt;
  readonly isForeign: (part: AssistantPart) => boolean;
}): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const calls = prompt
    .flatMap(message => (message.role === 'assistant' ? message.content : []))
    .filter(part => part.type === 'tool-call');
  const isKept = (call: (typeof calls)[number]) => commonId.test(call.toolCallId) || !isForeign(call);
  const taken = new Set(calls.filter(isKept).map(({ toolCallId }) => toolCallId));
  for (const call of calls) {
    const { toolCallId } = call;
    if (isKept(call) || renamed.has(toolCallId)) continue;
    const base = toolCallId.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 56);
    let id = base;
    for (let count = 2; taken.has(id); count++) id = `${base}_${count}`;
    taken.add(id);
    renamed.set(toolCallId, id);
  }
  return renamed;
}

function withResultsOf({
  message,
  renamed,
}: {
  readonly message: ToolMessage;
  readonly renamed: ReadonlyMap<string, string>;
}): ToolMessage {
  return {
    ...message,
    content: message.content.map(part =>
      part.type === 'tool-result'
        ? { ...part, toolCallId: renamed.get(part.toolCallId) ?? part.toolCallId }
        : part,
    ),
  };
}

function withoutMaker(part: AssistantPart): ReadonlyArray<AssistantPart> {
  switch (part.type) {
    case 'reasoning':
    case 'reasoning-file':
    case 'custom':
      return [];
    case 'tool-call':
      return part.providerExecuted === true ? [] : [strip(part)];
    case 'tool-result':
      // A result in an assistant message belongs to a tool that the provider ran itself.
      return [];
    case 'text':
      return part.text === '' ? [] : [strip(part)];
    case 'file':
      return [strip(part)];
    default: {
      const unknownPart: never = part;
      return [unknownPart];
    }
  }
}

function strip<PART extends AssistantPart>(part: PART): PART {
  const kept: SharedV4ProviderOptions = {};
  // The stamp goes too: a candidate that is a composite would take it for one of its own candidates of that name.
  for (const [namespace, options] of Object.entries(part.providerOptions ?? {})) {
    const harmless = Object.entries(options).filter(([key]) => harmlessOptions.includes(key));
    if (harmless.length > 0) kept[namespace] = Object.fromEntries(harmless);
  }
  return { ...part, providerOptions: kept };
}
