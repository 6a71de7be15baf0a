import type { Attributes, Span } from '@opentelemetry/api';
import { attemptOperation, attribute, inferenceOperations } from './names.ts';

/** The attributes of a span, where its SDK shows them; the API has no way to read one. */
function readAttributes(span: Span): Readonly<Record<string, unknown>> | undefined {
  const attributes: unknown = 'attributes' in span ? span.attributes : undefined;
  return typeof attributes === 'object' && attributes !== null ? { ...attributes } : undefined;
}

/** True for a span that stands for a request to a model, or for an attempt of one. */
export function isInference(span: Span): boolean {
  const attributes = readAttributes(span);
  const operation = attributes?.[attribute.operationName];
  if (inferenceOperations.has(operation) || operation === attemptOperation) return true;
  return operation === undefined && attributes?.[attribute.system] !== undefined;
}

const learned = new WeakMap<Span, Attributes>();

/** Sets attributes on the span that is active where a call comes in, unless it has ended. */
export function tellActiveSpan({
  span,
  attributes,
}: {
  readonly span: Span;
  readonly attributes: Attributes;
}): void {
  if (!span.isRecording()) return;
  const known = learned.get(span);
  if (known === undefined && readAttributes(span)?.[attribute.providerName] === 'composite') setAtEnd(span);
  learned.set(span, { ...known, ...attributes });
  span.setAttributes(attributes);
}

/**
 * The AI SDK's integration writes the composite's own provider name, which says nothing, once more before it ends its span. So
 * what is known goes on last.
 */
function setAtEnd(span: Span): void {
  const end = span.end.bind(span);
  span.end = time => {
    const attributes = learned.get(span);
    if (attributes !== undefined && span.isRecording()) span.setAttributes(attributes);
    end(time);
  };
}
