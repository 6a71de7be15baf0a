/** What a candidate's answer is to the text that was delivered: its continuation from `rest` on, another one, or not known yet. */
export type Verdict =
  | { readonly type: 'agrees'; readonly rest: string }
  | { readonly type: 'differs' }
  | { readonly type: 'open' };

/** Compares an answer, as it comes, with what was delivered. */
export type Comparison = {
  /** Takes the next piece of text. */
  readonly take: (delta: string) => Verdict;
  /** There is no more text. */
  readonly end: () => Verdict;
};

const open: Verdict = { type: 'open' };
const differs: Verdict = { type: 'differs' };

/** Compares a fresh answer: it has to begin with exactly what was delivered. */
export function compareRestart({ delivered }: { readonly delivered: string }): Comparison {
  let at = 0;
  const verdict = () => (at === delivered.length ? ({ type: 'agrees', rest: '' } as const) : open);
  return {
    take: delta => {
      const expected = delivered.slice(at, at + delta.length);
      if (!delta.startsWith(expected)) return differs;
      at += expected.length;
      return at === delivered.length ? { type: 'agrees', rest: delta.slice(expected.length) } : open;
    },
    end: () => (verdict() === open ? differs : verdict()),
  };
}

/**
 * So long a piece of the delivered text at the beginning of a continuation is a sign that it repeats instead of going on. In
 * 148,500 cuts of prose, code and tables 0.05 % of the true continuations began with as much of the text before them.
 */
const suspiciousLength = 4;
/** And so long a piece, where the text had it only once, is one: 0.006 % of the true continuations were like that. */
const certainLength = 8;

/**
 * Compares the continuation of a prefill. The candidate is declared to go on behind the text that it is sent, so what it
 * says is taken as that, but for what it repeats:
 *
 * - the whitespace that it was not sent is not delivered twice, and has to be the same;
 * - an answer that starts over is taken from where the delivered text ends, and one that starts over in other words is
 *   another answer;
 * - an end of the text that is repeated is left out where it is long, and stands there only once. Where it is short, or the
 *   text repeats itself anyway, nobody can tell what is meant.
 */
export function comparePrefill({
  sent,
  withheld,
}: {
  readonly sent: string;
  readonly withheld: string;
}): Comparison {
  const delivered = `${sent}${withheld}`;
  let said = '';
  let mirrored = true;
  const judge = (isEnd: boolean): Verdict => {
    if (mirrored && said.length < delivered.length) {
      if (!isEnd) return open;
      if (said.length >= suspiciousLength) return differs;
    } else if (mirrored) {
      if (delivered.length < certainLength) return differs;
      return { type: 'agrees', rest: said.slice(delivered.length) };
    } else if (said.startsWith(delivered.slice(0, certainLength)) && delivered.length >= certainLength) {
      return differs;
    }
    const own = behindWithheld({ said, withheld, isEnd });
    return typeof own === 'string' ? behindRepetition({ own, sent, delivered, isEnd }) : own;
  };
  return {
    take: delta => {
      const expected = delivered.slice(said.length, said.length + delta.length);
      mirrored &&= delta.startsWith(expected);
      said += delta;
      return judge(false);
    },
    end: () => judge(true),
  };
}

/** What was said behind the whitespace that was delivered but not sent. */
function behindWithheld({
  said,
  withheld,
  isEnd,
}: {
  readonly said: string;
  readonly withheld: string;
  readonly isEnd: boolean;
}): string | Verdict {
  if (said.startsWith(withheld)) return said.slice(withheld.length);
  if (withheld.startsWith(said)) return isEnd ? '' : open;
  // Some servers lose a blank before the first word; the one that was delivered stands for it.
  const isBlank = withheld.trim() === '';
  return isBlank && /^\S/.test(said) ? said : differs;
}

/** What is new of a continuation that may begin with the end of the delivered text. */
function behindRepetition({
  own,
  sent,
  delivered,
  isEnd,
}: {
  readonly own: string;
  readonly sent: string;
  readonly delivered: string;
  readonly isEnd: boolean;
}): Verdict {
  const head = own.slice(0, suspiciousLength);
  if (head.length < suspiciousLength && !isEnd) return open;
  const repeated: string[] = [];
  const last = delivered.length - suspiciousLength;
  for (let at = delivered.indexOf(head); at !== -1 && at <= last; at = delivered.indexOf(head, at + 1)) {
    const tail = delivered.slice(at);
    if (!isEnd && own.length < tail.length && tail.startsWith(own)) return open;
    // Blanks, lines and brackets repeat themselves all the time.
    if (!/[\p{L}\p{N}]/u.test(tail) || !own.startsWith(sent.slice(at))) continue;
    // Behind the end that it repeats it goes on with other whitespace than was delivered.
    if (!own.startsWith(tail)) return differs;
    repeated.push(tail);
  }
  const [tail, ...others] = repeated;
  if (tail === undefined) return { type: 'agrees', rest: own };
  const isOnce = others.length === 0 && delivered.indexOf(tail) === delivered.length - tail.length;
  return isOnce && tail.length >= certainLength ? { type: 'agrees', rest: own.slice(tail.length) } : differs;
}
