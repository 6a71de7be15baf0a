import type { WireStep } from './wire.ts';

/** The wire protocols the fault server speaks. */
export type ProtocolName = 'openai-responses' | 'openai-chat' | 'google' | 'anthropic';

/** The request a reply answers, and what is needed to answer it. */
export type Exchange = {
  readonly protocol: ProtocolName;
  readonly account: string;
  /** 1-based, per account. */
  readonly requestNumber: number;
  /** The model the request names. */
  readonly model: string;
  /** Whether the request asks for a stream. */
  readonly stream: boolean;
  /** The parsed body of the request. */
  readonly body: unknown;
  /** What is left of the kept answer that this request asks for again; undefined for any other request. */
  readonly resumes?: readonly WireStep[];
};
