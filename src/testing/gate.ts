/** A promise that a test resolves by hand: let the server wait exactly until the test is ready, with no timer. */
export type Gate = {
  /** Settles when `open` is called. */
  readonly opened: Promise<void>;
  /** Lets everything that waits for `opened` go on. */
  readonly open: () => void;
};

/**
 * Makes a gate for `until` of any fault.
 *
 * @example
 * const gate = createGate();
 * account.script([respond.answer({ text: 'late', faults: [fault.pause({ after: 0, until: gate.opened })] })]);
 * // ... assert that nothing came yet ...
 * gate.open();
 */
export function createGate(): Gate {
  const { promise, resolve } = withResolvers();
  return { opened: promise, open: resolve };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}
