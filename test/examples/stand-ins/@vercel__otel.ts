// What `@vercel/otel` offers, without sending anything anywhere.

export function registerOTel(_configuration: { readonly serviceName: string }): void {}
