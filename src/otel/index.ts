/**
 * Traces and counts what a composite does, with OpenTelemetry.
 *
 * @packageDocumentation
 */

export { type OtelObserverSettings, otelObserver } from './otel-observer.ts';
