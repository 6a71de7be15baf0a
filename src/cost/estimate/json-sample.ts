/** About how long a value is as JSON, and a text like it to estimate tokens by. */
export type JsonSample = {
  readonly text: string;
  /** In UTF-16 units; exact where the text is the whole. */
  readonly length: number;
  readonly isWhole: boolean;
  /** In how many places the value was looked at. */
  readonly places: number;
};

const mostChildren = 64;
/** Where not all children can be looked at, those that are get so many places each: a look at the top of all tells little. */
const placesPerChild = 8;
const deepest = 64;

/** Of one text inside so much goes into the sample, and so much of all of them. */
const longestPiece = 256;
const longestSample = 8_192;

/** Texts and numbers of such a length in all are written out whole. */
const shortJson = 16_384;

/**
 * Measures a value as JSON without writing it out: a tool may return megabytes, and the event loop must not stand still
 * for a number that only has to be about right. Small values are written out.
 */
export function sampleJson({
  value,
  mostPlaces,
}: {
  readonly value: unknown;
  /** What has more places is sampled evenly. */
  readonly mostPlaces: number;
}): JsonSample {
  const sampler = createSampler();
  const length = sampler.measure({ value, places: mostPlaces, depth: 0 });
  const places = sampler.places();
  if (sampler.isWhole() && length <= shortJson) {
    const text = JSON.stringify(value) ?? '';
    return { text, length: text.length, isWhole: true, places };
  }
  return { text: sampler.text(), length: Math.round(length), isWhole: false, places };
}

type Visit = { readonly value: unknown; readonly places: number; readonly depth: number };

function createSampler() {
  let text = '';
  let isWhole = true;
  let looks = 0;

  const measure = ({ value, places, depth }: Visit): number => {
    looks += 1;
    if (typeof value === 'string') {
      add(value.length <= longestPiece ? value : value.slice(0, longestPiece));
      return value.length + 2;
    }
    if (typeof value !== 'object' || value === null) {
      const written = String(value);
      // Writing one out as JSON throws.
      if (typeof value === 'bigint') isWhole = false;
      add(written);
      return written.length;
    }
    if (depth === deepest || places < 1) {
      isWhole = false;
      return 2;
    }
    const isList = Array.isArray(value);
    const names = isList ? undefined : Object.keys(value);
    const count = names?.length ?? (isList ? value.length : 0);
    const affordable = places < count ? Math.ceil(places / placesPerChild) : count;
    const visited = Math.min(affordable, mostChildren);
    if (visited < count) isWhole = false;
    const share = (places - visited) / Math.max(1, visited);
    let length = 0;
    for (let index = 0; index < visited; index++) {
      const place = Math.floor((index * count) / visited);
      const name = names?.[place];
      if (name !== undefined) {
        add(name);
        length += name.length + 3;
      }
      const child: unknown = Reflect.get(value, name ?? place);
      length += measure({ value: child, places: share, depth: depth + 1 }) + 1;
    }
    return (visited === 0 ? 0 : (length * count) / visited) + 2;
  };

  const add = (piece: string) => {
    if (text.length < longestSample) text += `"${piece}",`;
  };

  return { measure, isWhole: () => isWhole, text: () => text, places: () => looks };
}
