/** U+FFFD by its number: written out, it would make V8 keep the whole file with two bytes a letter. */
const replacement = String.fromCharCode(0xfffd);

/** What a database may refuse in a text: a NUL, or half of a pair. One name of somebody's must not hold up all rows. */
export function plainText(text: string): string {
  return text.replace(/\p{Surrogate}/gu, replacement).replaceAll('\0', '');
}

/** JSON of such texts. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_key, own: unknown) => (typeof own === 'string' ? plainText(own) : own));
}
