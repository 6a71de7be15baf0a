import { AISDKError } from 'ai';

/** What Node, Bun and Deno ask an object how to print it. */
const inspectors = [Symbol.for('nodejs.util.inspect.custom'), Symbol.for('Deno.customInspect')] as const;

/**
 * An error that can be logged as it is: a provider's error holds the request, prompt included, so it is there to be read as
 * `cause` and printed by nobody. Consoles print the stack; JSON has the name, the message and the facts.
 */
export class LoggableError extends AISDKError {
  constructor({
    name,
    message,
    cause,
  }: {
    readonly name: string;
    readonly message: string;
    readonly cause?: unknown;
  }) {
    super({ name, message, cause });
    hide({ on: this, key: 'cause', value: cause });
  }

  /** What `JSON.stringify` and loggers print: the facts, without what a provider package threw. */
  toJSON(): object {
    return Object.assign({ name: this.name, message: this.message }, this);
  }

  [inspectors[0]](): string {
    return print(this);
  }

  [inspectors[1]](): string {
    return print(this);
  }
}

/** Sets a property that is there to be read, but neither printed nor copied. */
export function hide<TARGET extends object>({
  on,
  key,
  value,
}: {
  readonly on: TARGET;
  readonly key: string;
  readonly value: unknown;
}): TARGET {
  return Object.defineProperty(on, key, { value, enumerable: false, configurable: true, writable: true });
}

/** The stack under the error's own name; the engine wrote it before the name was set. */
function print({ name, message, stack = '' }: Error): string {
  const frames = stack.indexOf('\n    at ');
  return `${name}: ${message}${frames === -1 ? '' : stack.slice(frames)}`;
}
