/** An answer at once, or a promise of it: in memory nobody waits. */
export type Answer<VALUE> = VALUE | PromiseLike<VALUE>;

/**
 * Where what calls share is kept: in memory, or in a store that several processes use. Not a key-value store, but verbs that
 * are one atomic step each. Every verb may answer at once or with a promise, and rejects where the store cannot be reached;
 * nothing is tried again inside. Leases and waits are durations, counted by the store's own clock, since clocks of machines differ.
 */
export type StateStore = {
  /** How long its answers are waited for before it counts as away, in milliseconds; default 1,000. */
  readonly timeoutMs?: number;
  /** Tells what became of a turn, and answers the health after it. */
  readonly observe: (observed: Observed) => Answer<Health>;
  /** Reads the health of several keys, in their order; a key that nobody has written is healthy. */
  readonly health: (keys: ReadonlyArray<string>) => Answer<ReadonlyArray<Health>>;
  /** Takes the one probe of a key. True where nobody has it, its lease is over, or this token has it. */
  readonly tryProbe: (probe: ProbeLease) => Answer<boolean>;
  /**
   * Holds an amount in each scope, or in none. Atomic in each scope: what is used never passes a limit that is given here, whatever
   * else goes on. Where a store cannot write several scopes in one step it writes them one by one and takes them back: a hold
   * may then be denied for the moment that another one, which is denied elsewhere, is being taken back; never admitted.
   * The same `id` again changes nothing.
   */
  readonly hold: (request: HoldRequest) => Answer<HoldAnswer>;
  /** Lengthens the leases of a hold, from now on. Does nothing where it has expired or was settled. */
  readonly renew: (renewal: Renewal) => Answer<void>;
  /**
   * Puts what was really used in the place of a hold, also where its lease is over; answers where the scopes stand then. A hold
   * that the store does not have changes nothing, so settling twice is settling once.
   */
  readonly settle: (settlement: Settlement) => Answer<ReadonlyArray<Standing>>;
  /** Reads where scopes stand, in their order; a scope that nobody has written is at nothing. */
  readonly standings: (scopes: ReadonlyArray<ScopeWindow>) => Answer<ReadonlyArray<Standing>>;
  /** Reads a note; undefined where there is none, or it has expired. */
  readonly readNote: (key: string) => Answer<string | undefined>;
  /** Writes a note, over the one that is there. */
  readonly writeNote: (note: Note) => Answer<void>;
};

/** A scope: what is counted together, such as a budget's day, and over which time. */
export type ScopeWindow = {
  /** Up to 512 characters. A period that ends, such as a day, is part of the name. */
  readonly scope: string;
  /** Counts what was held within the last so many milliseconds; left out: everything. Always the same for one scope. */
  readonly slidingMs?: number;
};

/** An amount to be held in one scope. */
export type Claim = ScopeWindow & {
  /**
   * A whole number of the scope's own unit, at least 0 and below 10^27: atto-USD (1e-18 USD), tokens, requests. Exact in every
   * store; a scope may reach 9·10^27, which is nine thousand million dollars.
   */
  readonly amount: bigint;
  /** What the scope may come to with this amount; left out: it is counted only. */
  readonly limit?: bigint;
  /** How long the scope is kept after it was last held, settled or renewed. `Infinity` for ever. */
  readonly keepMs: number;
};

/** A hold to be placed. */
export type HoldRequest = {
  /** Made by the caller, unique for ever: a UUID. The same again is the same hold. */
  readonly id: string;
  /** Each scope once, at least one. */
  readonly claims: ReadonlyArray<Claim>;
  /** So long it is `held`; then, unless renewed, it counts as spent until somebody settles it. */
  readonly leaseMs: number;
};

/** Whether it is held, and where each scope stands, in the order of the claims: with this hold, or without where it is denied. */
export type HoldAnswer = {
  readonly outcome: 'held' | 'denied';
  readonly standings: ReadonlyArray<Standing>;
};

/** Where a scope stands. */
export type Standing = {
  readonly scope: string;
  /** What counts against the limit: spent and held. */
  readonly used: bigint;
  /** The part of it whose leases run; 0 for a sliding scope. What was spent is `used - held`. */
  readonly held: bigint;
  /** Of a sliding scope that denied: when what is held now will have left room enough. Absent where it never will. */
  readonly retryAfterMs?: number;
};

/** A lease to be lengthened. */
export type Renewal = {
  readonly id: string;
  readonly scopes: ReadonlyArray<string>;
  readonly leaseMs: number;
};

/** What became of a hold. */
export type Settlement = {
  readonly id: string;
  /** What was used in each of its scopes, 0 where nothing was. */
  readonly amounts: ReadonlyArray<ScopeWindow & { readonly amount: bigint }>;
};

/** A small text under a key. */
export type Note = {
  /** Up to 512 characters. */
  readonly key: string;
  readonly value: string;
  readonly keepMs: number;
};

/** The lease of a probe. */
export type ProbeLease = {
  readonly key: string;
  /** Made by the caller, unique for ever. */
  readonly token: string;
  readonly leaseMs: number;
};

/** What became of one turn at what is known under a key. */
export type Observed = {
  readonly key: string;
  readonly observation: Observation;
  /** The token of the probe that this turn was, which ends with it. */
  readonly token?: string;
  /** How long the key is kept after it was last written. */
  readonly keepMs: number;
};

/**
 * - `success`: closes, unless it has opened since the turn began, when `openings` were known.
 * - `failure`: counts `failures` in a row, and opens at once, or again, where `isOpening`; else once `threshold` is reached. It
 *   stays open for `cooldownMs` from now, or longer where it was to.
 * - `abort`: tells nothing; for the end of a probe.
 * - `reset`: forgets everything.
 */
export type Observation =
  | { readonly type: 'success'; readonly openings: number }
  | {
      readonly type: 'failure';
      readonly failures: number;
      readonly threshold: number;
      readonly isOpening: boolean;
      readonly cooldownMs: number;
      /** The failure kind. */
      readonly kind: string;
    }
  | { readonly type: 'abort' }
  | { readonly type: 'reset' };

/** What is known of a key's health. */
export type Health = {
  /** Failures in a row. */
  readonly failures: number;
  /** True from when it opens until it is closed, by a success or a reset. */
  readonly isOpen: boolean;
  /** So long no probe is due, from now; 0 where one is, and while it is closed. */
  readonly openForMs: number;
  /** How often it has opened in a row without a success, at most 30. */
  readonly cooldowns: number;
  /** How often it has opened while it was closed. */
  readonly openings: number;
  /** True while the lease of a probe runs. */
  readonly isProbing: boolean;
  /** The kind of the last failure. */
  readonly lastFailureKind?: string;
};

/** What is known of a key that nobody has written. */
export const healthy: Health = {
  failures: 0,
  isOpen: false,
  openForMs: 0,
  cooldowns: 0,
  openings: 0,
  isProbing: false,
};
