/** What lives in the call alone: what it has spent, with what it holds, and that part of it. */
export type Purse = { used: bigint; held: bigint };
