import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { Clock } from '../../boundary/clock.ts';

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
  const close = () => void reader.cancel().catch(ignore);
  const cancelTimer = clock.schedule({ delayMs: closingMs, callback: close });
  let parts = 0;
  const onRead = ({ done }: { readonly done: boolean }) => {
    if (!done && ++parts < maxPartsBehindFinish) {
      reader.read().then(onRead, cancelTimer);
      return;
    }
    cancelTimer();
    if (!done) close();
  };
  reader.read().then(onRead, cancelTimer);
}

function ignore(): void {}
