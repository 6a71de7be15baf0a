import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4ToolCall,
} from '@ai-sdk/provider';
import * as z from 'zod/v4';
import { checkableSchema } from './checkable-schema.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
type Validator = (value: unknown) => boolean;

/** Compiled schemas, kept as long as the tool or output schema they were made from. */
const validators = new WeakMap<object, Validator>();

/** Checks that each tool call names a known tool, with arguments that are JSON and match the tool's schema; tells what is wrong. */
export function inspectToolCalls({
  options,
  content,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly content: ReadonlyArray<LanguageModelV4Content>;
}): string | undefined {
  for (const part of content) {
    const problem = part.type === 'tool-call' ? inspectToolCall({ options, toolCall: part }) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function inspectToolCall({
  options,
  toolCall,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly toolCall: LanguageModelV4ToolCall;
}): string | undefined {
  // The provider ran it, or a server behind it declared it: its arguments are not ours to judge.
  if (toolCall.providerExecuted === true || toolCall.dynamic === true) return undefined;
  const tool = options.tools?.find(({ name }) => name === toolCall.toolName);
  if (tool === undefined) return 'The model called a tool that does not exist.';
  const input = parse(toolCall.input === '' ? '{}' : toolCall.input);
  if (input === undefined) return `The arguments of tool "${tool.name}" are not JSON.`;
  if (tool.type !== 'function' || matches({ schema: tool.inputSchema, value: input.value })) return undefined;
  return `The arguments of tool "${tool.name}" do not match its schema.`;
}

/** Checks JSON output against the schema it was asked for; text output, and a tool call in its place, is never wrong. */
export function inspectOutput({
  options: { responseFormat },
  content,
  text,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly content: ReadonlyArray<LanguageModelV4Content>;
  readonly text: string;
}): string | undefined {
  if (responseFormat?.type !== 'json' || content.some(part => part.type === 'tool-call')) return undefined;
  const output = parse(text);
  if (output === undefined) return 'The output is not JSON.';
  if (responseFormat.schema === undefined || matches({ schema: responseFormat.schema, value: output.value }))
    return undefined;
  return 'The output does not match its schema.';
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function matches({ schema, value }: { readonly schema: object; readonly value: unknown }): boolean {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = compile(schema);
    validators.set(schema, validator);
  }
  return validator(value);
}

function compile(schema: object): Validator {
  try {
    // The SDK types schemas as JSONSchema7; zod's reader takes any draft and refuses what it cannot read.
    const parser = z.fromJSONSchema(checkableSchema(schema) as JsonSchema);
    return value => parser.safeParse(value).success;
  } catch {
    // A schema that cannot be checked must not turn good answers away.
    return () => true;
  }
}
