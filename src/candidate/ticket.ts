import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';

/** What an admitted request holds until it has ended: settled or released, once. */
export type Ticket = {
  readonly settle: (ended: {
    /** What it cost, as an exact decimal; undefined where nobody knows. */
    readonly usdExact: string | undefined;
    readonly usage: LanguageModelV4Usage | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    /** How long the provider asks to wait. */
    readonly retryAfterMs?: number | undefined;
  }) => void;
  /** Takes the headers of a stream when it opens; left out where nobody wants them. */
  readonly hear?: ((headers: Readonly<Record<string, string>>) => void) | undefined;
  /** For a request that was never sent. */
  readonly release: () => void;
};
