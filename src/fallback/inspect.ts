import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4ToolCall,
} from '@ai-sdk/provider';
import * as z from 'zod/v4';
import { InvalidAnswerError } from '../failure/errors.ts';
import type { FallbackCondition } from './action.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];
type Validator = (value: unknown) => boolean;

/** Compiled schemas, kept as long as the tool or output schema they were made from. */
const validators = new WeakMap<object, Validator>();

/** What the route's conditions ask to check of an answer before it goes out. */
export function inspections(conditions: ReadonlyArray<FallbackCondition>): {
  readonly toolCalls: boolean;
  readonly output: boolean;
} {
  return {
    toolCalls: conditions.some(condition => condition.inspects === 'tool-calls'),
    output: conditions.some(condition => condition.inspects === 'output'),
  };
}

/** Checks a whole answer as far as the conditions ask; returns what is wrong with it. */
export function inspectAnswer({
  conditions,
  options,
  content,
}: {
  readonly conditions: ReadonlyArray<FallbackCondition>;
  readonly options: LanguageModelV4CallOptions;
  readonly content: ReadonlyArray<LanguageModelV4Content>;
}): InvalidAnswerError | undefined {
  const { toolCalls, output } = inspections(conditions);
  if (toolCalls) {
    for (const part of content) {
      const problem = part.type === 'tool-call' ? inspectToolCall({ options, toolCall: part }) : undefined;
      if (problem !== undefined) return problem;
    }
  }
  if (!output || content.some(part => part.type === 'tool-call')) return undefined;
  return inspectOutput({
    options,
    text: content.map(part => (part.type === 'text' ? part.text : '')).join(''),
  });
}

/** Checks that a tool call names a known tool and that its arguments are JSON that matches the tool's schema. */
export function inspectToolCall({
  options,
  toolCall,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly toolCall: LanguageModelV4ToolCall;
}): InvalidAnswerError | undefined {
  // The provider ran it, or a server behind it declared it: its arguments are not ours to judge.
  if (toolCall.providerExecuted === true || toolCall.dynamic === true) return undefined;
  const tool = options.tools?.find(({ name }) => name === toolCall.toolName);
  if (tool === undefined) return invalidToolCall('The model called a tool that does not exist.');
  const input = parse(toolCall.input === '' ? '{}' : toolCall.input);
  if (input === undefined) return invalidToolCall(`The arguments of tool "${tool.name}" are not JSON.`);
  if (tool.type !== 'function' || matches({ schema: tool.inputSchema, value: input.value })) return undefined;
  return invalidToolCall(`The arguments of tool "${tool.name}" do not match its schema.`);
}

/** Checks JSON output against the schema it was asked for; text output is never wrong. */
export function inspectOutput({
  options: { responseFormat },
  text,
}: {
  readonly options: LanguageModelV4CallOptions;
  readonly text: string;
}): InvalidAnswerError | undefined {
  if (responseFormat?.type !== 'json') return undefined;
  const output = parse(text);
  if (output === undefined) return invalidOutput('The output is not JSON.');
  if (responseFormat.schema === undefined || matches({ schema: responseFormat.schema, value: output.value }))
    return undefined;
  return invalidOutput('The output does not match its schema.');
}

function invalidToolCall(message: string): InvalidAnswerError {
  return new InvalidAnswerError({ kind: 'malformed-response', code: 'invalid-tool-call', message });
}

function invalidOutput(message: string): InvalidAnswerError {
  return new InvalidAnswerError({ kind: 'malformed-response', code: 'invalid-output', message });
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
    const parser = z.fromJSONSchema(schema as JsonSchema);
    return value => parser.safeParse(value).success;
  } catch {
    // A schema that cannot be checked must not turn good answers away.
    return () => true;
  }
}
