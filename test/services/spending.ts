/** What a process is told to do. */
export type Spending = {
  readonly url: string;
  readonly calls: number;
  readonly amount: string;
  readonly limit: string;
  readonly leaseMs: number;
};

/** What a process did. */
export type Spent = {
  readonly held: number;
  readonly denied: number;
  readonly away: number;
  readonly settled: string;
  /** How long each hold took. */
  readonly holdMs: ReadonlyArray<number>;
};

/** The one budget. */
export const scope = 'budget of all processes';
