/**
 * What a route does about a stream that breaks after its first output.
 *
 * - `'buffer'`: nothing is handed out before the proper finish, so every failure falls back.
 * - `'continue'`: the next candidate goes on with the answer, where that is certain.
 */
export type Recover = 'buffer' | 'continue';
