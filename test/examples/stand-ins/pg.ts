/** `pg` as the documentation uses it. */
export class Pool {
  readonly options: { readonly connectionString: string | undefined };

  constructor(options: { readonly connectionString: string | undefined }) {
    this.options = options;
  }

  async query(
    _text: string,
    _values?: unknown[],
  ): Promise<{ readonly rows: ReadonlyArray<Record<string, unknown>> }> {
    return { rows: [] };
  }
}
