import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Clock } from '../boundary/clock.ts';

/** How long a provider may take to close its stream after the finish before its socket is closed for it. */
const closingMs = 1_000;
/** And how much it may go on to send. */
const maxPartsBehindFinish = 100;

/** Lets the provider close its stream, so that its connection can be used again; closes it when it does not. */
export function closeProvider({
  clock,
  reader,
}: {
  readonly clock: Clock;
  readonly reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
}): void {
  const cancelTimer = clock.schedule({
    delayMs: closingMs,
    callback: () => {
      void reader.cancel().catch(ignore);
    },
  });
  const drain = async (): Promise<void> => {
    for (let parts = 0; parts < maxPartsBehindFinish; parts++) if ((await reader.read()).done) return;
    await reader.cancel();
  };
  void drain().catch(ignore).finally(cancelTimer);
}

function ignore(): void {}
