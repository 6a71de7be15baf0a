/** A hash that texts are added to one by one: quick, not secret, and with few collisions in 64 bits and a length. */
export type TextHash = {
  readonly add: (text: string) => void;
  /** What stands for everything that was added so far. */
  readonly read: () => string;
};

/** Starts a hash of nothing. */
export function createTextHash(): TextHash {
  let one = 0x811c9dc5;
  let other = 0xdeadbeef;
  let length = 0;
  return {
    add: text => {
      // In variables of the loop's own: it runs twice as fast.
      let own = one;
      let second = other;
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        own = Math.imul(own ^ unit, 0x01000193);
        second = Math.imul(second ^ unit, 0x9e3779b1) ^ (second >>> 15);
      }
      one = own;
      other = second;
      length += text.length;
    },
    read: () => `${length}:${one >>> 0}:${other >>> 0}`,
  };
}
