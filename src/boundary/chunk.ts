/** Code of this package that is loaded when it is first needed, best beside a request. */
export type Chunk<CODE> = {
  /** Undefined while it is not loaded. */
  readonly now: () => CODE | undefined;
  /** Loads it, once for all; a load that failed is tried again. Nobody has to wait for what it starts. */
  readonly load: () => Promise<CODE>;
};

/** Makes a chunk of an `import()`, which a bundler turns into a file of its own. */
export function createChunk<CODE>(load: () => Promise<CODE>): Chunk<CODE> {
  let code: CODE | undefined;
  let loading: Promise<CODE> | undefined;
  return {
    now: () => code,
    load: () => {
      if (loading !== undefined) return loading;
      const started = load().then(
        loaded => {
          code = loaded;
          return loaded;
        },
        (cause: unknown) => {
          loading = undefined;
          throw new Error('ai-composite: a file of the package is missing from the bundle.', { cause });
        },
      );
      started.catch(ignore);
      loading = started;
      return started;
    },
  };
}

function ignore(): void {}
