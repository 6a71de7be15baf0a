import type { Candidate } from '../../candidate/candidate.ts';
import type {
  JSONObject,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '../../provider/sdk-types.ts';
import { type HistoryRules, historyRules } from './history-rules.ts';
import { isContinued, type Makers, makerOf, stampOn } from './makers.ts';
import { renameCalls } from './rename-calls.ts';

type AssistantMessage = Extract<LanguageModelV4Message, { role: 'assistant' }>;
type ToolMessage = Extract<LanguageModelV4Message, { role: 'tool' }>;
type AssistantPart = AssistantMessage['content'][number];
type ReasoningPart = Extract<AssistantPart, { type: 'reasoning' }>;

/**
 * Options on a part that users set themselves and that name nothing in a provider's store. Everything else in a foreign
 * part's options may be an item id, a signature or encrypted reasoning, which other providers and accounts refuse.
 */
const harmlessOptions: ReadonlyArray<string> = ['cacheControl', 'cache_control', 'cachePoint'];

/**
 * The conversation as one candidate may see it: parts that another candidate made lose that provider's ids, signatures
 * and encrypted reasoning; foreign reasoning, provider-executed tools and provider-specific parts go whole, since nobody
 * else accepts them. Reasoning that any account of the same family can read stays, and what the candidate's family wants
 * besides is put in, by `historyRules`. A message that several made is foreign to each of them. Its own parts, and parts without a stamp, stay as they are. Returns the same prompt
 * where nothing has to change.
 */
export function historyFor({
  candidate,
  prompt,
  makers,
}: {
  readonly candidate: Pick<Candidate, 'name' | 'model'>;
  readonly prompt: LanguageModelV4Prompt;
  readonly makers: Makers;
}): LanguageModelV4Prompt {
  if (!prompt.some(({ role }) => role === 'assistant')) return prompt;
  const handOf = (part: AssistantPart): Maker => {
    const stamp = stampOn(part);
    if (stamp === undefined) return 'unknown';
    if (isContinued(part)) return 'foreign';
    return makerOf({ stamp, makers })?.name === candidate.name ? 'own' : 'foreign';
  };
  const isForeign = (part: AssistantPart) => handOf(part) === 'foreign';
  // Found out only where a part asks for it: this runs on every attempt.
  let known: HistoryRules | undefined;
  const rulesOf = () => {
    known ??= historyRules(candidate.model);
    return known;
  };
  const needsChange = (part: AssistantPart) =>
    isForeign(part) ||
    innerStamp(part) !== undefined ||
    (part.type === 'tool-call' && !rulesOf().callId.pattern.test(part.toolCallId));
  const isChanged = (message: LanguageModelV4Message) =>
    message.role === 'assistant' && (isCutOff(message) || message.content.some(needsChange));
  if (!prompt.some(isChanged)) return prompt;

  const rules = rulesOf();
  const isKin = (part: AssistantPart) => {
    const maker = makerOf({ stamp: stampOn(part) ?? '', makers });
    return maker !== undefined && historyRules(maker.model).family === rules.family;
  };
  const renamed = renameCalls({ prompt, rules, isOwn: part => handOf(part) === 'own' });
  let hasLostCalls = false;
  return prompt.flatMap((message): LanguageModelV4Prompt => {
    if (message.role === 'tool')
      return withContent(
        withResultsOf({ message: hasLostCalls ? withoutApprovals(message) : message, renamed }),
      );
    if (message.role !== 'assistant') return [message];
    const isOfSeveral = message.content.some(isContinued);
    hasLostCalls = message.content.some(
      part => part.type === 'tool-call' && part.providerExecuted === true && isForeign(part),
    );
    const content = (isCutOff(message) ? message.content.slice(0, -1) : message.content)
      .flatMap(part =>
        isOfSeveral || isForeign(part) ? withoutMaker({ part, rules, isKin }) : [withInnerStamp(part)],
      )
      .map(part =>
        part.type === 'tool-call' || part.type === 'tool-result'
          ? { ...part, toolCallId: renamed.get(part.toolCallId) ?? part.toolCallId }
          : part,
      );
    return withContent({
      ...message,
      content: message.content.some(isForeign) ? withCallsOf({ content, rules }) : content,
    });
  });
}

/** Who made a part, as one candidate sees it: itself, somebody else, or nobody knows. */
type Maker = 'own' | 'foreign' | 'unknown';

/** Reasoning that broke off has no stamp to tell whose ids it holds, and nothing after it, for which providers refuse it. */
function isCutOff({ content }: AssistantMessage): boolean {
  const last = content.at(-1);
  return (
    last?.type === 'reasoning' &&
    stampOn(last) === undefined &&
    Object.keys(last.providerOptions ?? {}).length > 0
  );
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

function withResultsOf({
  message,
  renamed,
}: {
  readonly message: ToolMessage;
  readonly renamed: ReadonlyMap<string, string>;
}): ToolMessage {
  if (renamed.size === 0) return message;
  return {
    ...message,
    content: message.content.map(part =>
      part.type === 'tool-result'
        ? { ...part, toolCallId: renamed.get(part.toolCallId) ?? part.toolCallId }
        : part,
    ),
  };
}

/** What the family wants before and on tool calls that another model made. */
function withCallsOf({
  content,
  rules: { missingReasoning, unsignedCall },
}: {
  readonly content: AssistantMessage['content'];
  readonly rules: HistoryRules;
}): AssistantMessage['content'] {
  const first = content.findIndex(part => part.type === 'tool-call' && part.providerExecuted !== true);
  if (first < 0) return content;
  if (missingReasoning !== undefined && !content.some(({ type }) => type === 'reasoning'))
    return [{ type: 'reasoning', text: missingReasoning }, ...content];
  if (unsignedCall === undefined) return content;
  // The first call of several is the one that is signed.
  return content.map((part, index) =>
    index === first ? { ...part, providerOptions: { ...unsignedCall, ...part.providerOptions } } : part,
  );
}

function withoutMaker({
  part,
  rules,
  isKin,
}: {
  readonly part: AssistantPart;
  readonly rules: HistoryRules;
  /** Made by another candidate of the same family. */
  readonly isKin: (part: AssistantPart) => boolean;
}): ReadonlyArray<AssistantPart> {
  switch (part.type) {
    case 'reasoning':
      return isKin(part) ? sharedReasoning({ part, rules }) : [];
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

/** Reasoning of another account as this one can read it: signed where the family checks that, plain where it is plain. */
function sharedReasoning({
  part,
  rules: { signed, missingReasoning },
}: {
  readonly part: ReasoningPart;
  readonly rules: HistoryRules;
}): ReadonlyArray<ReasoningPart> {
  const { composite: _stamp, ...own } = part.providerOptions ?? {};
  if (signed === undefined) {
    const isPlain = missingReasoning !== undefined || Object.keys(own).length === 0;
    return isPlain && part.text !== '' ? [strip(part)] : [];
  }
  const name = signed.names.find(known => signed.keys.some(key => own[known]?.[key] !== undefined));
  if (name === undefined) return [];
  const proof = Object.fromEntries(
    Object.entries(own[name] ?? {}).filter(([key]) => signed.keys.includes(key)),
  );
  return [{ ...part, providerOptions: Object.fromEntries(signed.names.map(known => [known, proof])) }];
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
