/** What a user's function threw, without its message, which may hold anything. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : `a ${typeof error}`;
}
