/** Requests in one statement at most. */
const most = 200;

type Waiting<INPUT, OUTPUT> = {
  readonly input: INPUT;
  readonly resolve: (output: OUTPUT) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Sends what is asked while another statement is under way as one statement behind it. Each statement is a commit, and those in
 * the same scope wait for each other's; together they wait once. What is asked alone goes at once.
 */
export function createBatch<INPUT, OUTPUT>({
  send,
  patienceMs,
}: {
  /** Answers in the order of the inputs. */
  readonly send: (inputs: ReadonlyArray<INPUT>) => Promise<ReadonlyArray<OUTPUT>>;
  /** After so long a statement is not waited for any more, or one lost connection would hold up all others. */
  readonly patienceMs: number;
}): (input: INPUT) => Promise<OUTPUT> {
  const waiting: Array<Waiting<INPUT, OUTPUT>> = [];
  let underWay: object | undefined;
  let sentAtMs = 0;
  let isGathering = false;

  const flush = (): void => {
    isGathering = false;
    if (waiting.length === 0 || (underWay !== undefined && Date.now() - sentAtMs < patienceMs)) return;
    const batch = waiting.splice(0, most);
    const own = {};
    underWay = own;
    sentAtMs = Date.now();
    const end = () => {
      if (underWay === own) underWay = undefined;
      flush();
    };
    send(batch.map(({ input }) => input)).then(
      outputs => {
        for (const [index, { resolve, reject }] of batch.entries()) {
          const output = outputs[index];
          if (output === undefined) reject(new Error('Postgres answered less than it was asked.'));
          else resolve(output);
        }
        end();
      },
      (error: unknown) => {
        for (const { reject } of batch) reject(error);
        end();
      },
    );
  };

  return input =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (isGathering) return;
      isGathering = true;
      queueMicrotask(flush);
    });
}
