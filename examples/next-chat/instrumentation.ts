import { OpenTelemetry } from '@ai-sdk/otel';
import { registerOTel } from '@vercel/otel';
import { registerTelemetry } from 'ai';

/** Traces go where OTEL_EXPORTER_OTLP_ENDPOINT says; without it there are none. Next calls this once, when a server starts. */
export function register(): void {
  if (!process.env.OTEL_EXPORTER_OTLP_ENDPOINT) return;
  registerOTel({ serviceName: 'next-chat' });
  registerTelemetry(new OpenTelemetry());
}
