import type { LanguageModelV4Usage } from '../provider/sdk-types.ts';

/** What an admitted request holds until it has ended: settled or released, once. */
export type Ticket = {
  readonly settle: (ended: {
    /** What it cost, as an exact decimal; undefined where nobody knows. */
    readonly usdExact: string | undefined;
    readonly usage: LanguageModelV4Usage | undefined;
  }) => void;
  /** For a request that was never sent. */
  readonly release: () => void;
};
