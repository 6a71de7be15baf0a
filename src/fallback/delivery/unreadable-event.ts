import { APICallError, JSONParseError, TypeValidationError } from 'ai';

/** The keys under which the protocols carry what the model says. */
const contentKeys = [
  'content',
  'text',
  'delta',
  'arguments',
  'refusal',
  'reasoning',
  'reasoning_content',
  'thinking',
  'partial_json',
  'input',
  'args',
  'tool_plan',
  'transcript',
].join('|');

/** The keys of objects that are themselves content: the beginning of a tool call, a file. */
const objectKeys = [
  'tool_calls',
  'toolCalls',
  'function_call',
  'functionCall',
  'toolUse',
  'inlineData',
  'inline_data',
  'images',
].join('|');

/** The types of the events and blocks that begin one in the protocols that name them. */
const callTypes = [
  'tool_use',
  'server_tool_use',
  'function_call',
  'custom_tool_call',
  'tool-call-start',
].join('|');

/** Each way in which the text of an event holds the beginning of content; `""`, `null` and `{}` are none. */
const beginsContent = new RegExp(
  [
    // A text, also one that was torn right behind its opening quote, or a list of them.
    `"(?:${contentKeys})"\\s*:\\s*(?:\\[\\s*)?"(?!")`,
    // A number, a truth value or an object where a text belongs, as no package reads it.
    '"(?:content|text)"\\s*:\\s*(?:-?\\d|true|false)',
    '"content"\\s*:\\s*\\{\\s*"(?!role"|parts"|type")[^"]*"\\s*:\\s*"(?!")',
    '"(?:arguments|input|args)"\\s*:\\s*\\{\\s*"',
    `"(?:${objectKeys})"\\s*:\\s*\\[?\\s*\\{`,
    `"type"\\s*:\\s*"(?:${callTypes})"`,
    // The rest of an event that was torn inside a key.
    '^\\s*[^\\s{[][^]*"\\s*:\\s*"(?!")',
  ].join('|'),
);

/**
 * True for one event that could not be read. Providers go on after it, so it alone does not end an answer; any other error
 * part is the provider's own word that the answer failed.
 */
export function isUnreadableEvent(error: unknown): boolean {
  return (
    !APICallError.isInstance(error) &&
    (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error))
  );
}

/**
 * True where an event that could not be read held content: a piece of the answer is lost, and the rest is not the answer.
 * A heartbeat, metadata of an unknown shape and an event torn before any content cost nothing.
 */
export function lostContent(error: unknown): boolean {
  const text = textOf(error);
  return text !== undefined && beginsContent.test(text);
}

/** The event's own text, as far as the package had it: torn, glued to the next one, or of a shape it does not know. */
function textOf(error: unknown): string | undefined {
  if (JSONParseError.isInstance(error)) return error.text;
  if (!TypeValidationError.isInstance(error)) return undefined;
  try {
    return JSON.stringify(error.value);
  } catch {
    return undefined;
  }
}
