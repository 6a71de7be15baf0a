import type { ProtocolName } from '../exchange.ts';
import { anthropic } from './anthropic.ts';
import { google } from './google.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import type { Protocol, Recognized } from './protocol.ts';

const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  'openai-responses': openaiResponses,
  'openai-chat': openaiChat,
  google,
  anthropic,
};

/** The protocol with this name. */
export function protocolNamed(name: ProtocolName): Protocol {
  return protocols[name];
}

/** Finds the protocol of a request by its path, and reads the model and whether it asks for a stream. */
export function recognizeRequest(request: {
  readonly path: string;
  readonly body: unknown;
}): (Recognized & { readonly protocol: ProtocolName }) | undefined {
  for (const protocol of Object.values(protocols)) {
    const recognized = protocol.recognize(request);
    if (recognized !== undefined) return { protocol: protocol.name, ...recognized };
  }
  return undefined;
}
