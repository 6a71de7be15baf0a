export { type OtelObserverSettings, otelObserver } from './otel-observer.ts';
