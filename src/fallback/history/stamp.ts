/** Letters and digits of a stamp. */
export const stampLength = 7;

/**
 * What stands for a candidate in a conversation: seven letters and digits made of its name, the same in every process. Messages
 * go to browsers, and a name may hold an account number or the name of a deployment. It is short on purpose: so many names
 * have the same one that none can be told by trying. Behind it there may be a letter that says why the conversation was there.
 */
export function stampOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(36).padStart(stampLength, '0');
}
