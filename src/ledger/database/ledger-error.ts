import { AISDKError } from '@ai-sdk/provider';

const marker = 'ai-composite.error.LedgerError';
const symbol = Symbol.for(marker);

/** A ledger could not be opened, read or written. No call fails for it. */
export class LedgerError extends AISDKError {
  private readonly [symbol] = true;

  constructor({ message, cause }: { readonly message: string; readonly cause?: unknown }) {
    super({ name: 'LedgerError', message, cause });
  }

  /** Tells it by its marker, also across two installed versions of this package. */
  static override isInstance(error: unknown): error is LedgerError {
    return AISDKError.hasMarker(error, marker);
  }
}

/** The error for a ledger that a later version of this package has written. */
export function newerLedger(name: string): LedgerError {
  return new LedgerError({
    message: `The ledger ${name} was made by a later version of ai-composite; update the package. Nothing was changed.`,
  });
}

/** What went wrong, in the database's own words: they name tables and hosts, never what a model was asked. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
