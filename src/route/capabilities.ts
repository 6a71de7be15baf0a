/** What a candidate is declared to be able to do. A key that is left out is unknown, and unknown is allowed. */
export type Capabilities = {
  readonly image?: boolean;
  readonly pdf?: boolean;
  readonly audio?: boolean;
  readonly tools?: boolean;
  readonly jsonSchema?: boolean;
  readonly reasoning?: boolean;
  /** Input and output together, in tokens. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
};
