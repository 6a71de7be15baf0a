import * as z from 'zod/v4';
import { settleQuietly } from '../../boundary/callback.ts';
import { immediateCallback } from '../../boundary/callback-schema.ts';
import { check, refuse, strictOptions } from '../../boundary/check.ts';
import { lazily } from '../../boundary/lazily.ts';
import type { ClassifyRequest } from './classify-request.ts';
import { readExcerpts } from './excerpts.ts';

/** A task and its conditions, at least one; all that are given must hold. */
export type ClassifyRule<TASK extends string = string> = {
  readonly task: TASK;
  /** The request has tools; `false`: none. */
  readonly tools?: boolean;
  /** JSON is wanted; `false`: text is. */
  readonly json?: boolean;
  /** The user attached an image; `false`: none. */
  readonly image?: boolean;
  /** The user attached a PDF; `false`: none. */
  readonly pdf?: boolean;
  /** The user attached audio; `false`: none. */
  readonly audio?: boolean;
  /** The request has about this many input tokens or more. */
  readonly minInputTokens?: number;
  /** The request has about this many input tokens or fewer. */
  readonly maxInputTokens?: number;
  /** The user wrote one of these words or phrases, anywhere in the conversation: whole words, in upper or lower case; see `classifyByRules` for very long texts. */
  readonly keywords?: ReadonlyArray<string>;
  /** Anything else, answered at once; asked last. */
  readonly when?: (request: ClassifyRequest) => boolean;
};

const rulesSchema = lazily(() => {
  const flag = z.boolean({ error: 'must be true or false' }).optional();
  const tokens = z.number({ error: 'must be a number of tokens' }).min(0, { error: 'must not be negative' });
  const ruleSchema = strictOptions({
    task: z.string({ error: 'must be the name of a task' }).min(1, { error: 'must be the name of a task' }),
    tools: flag,
    json: flag,
    image: flag,
    pdf: flag,
    audio: flag,
    minInputTokens: tokens.optional(),
    maxInputTokens: tokens.optional(),
    keywords: z
      .array(z.string({ error: 'must be a word or phrase' }).regex(/\S/, { error: 'must not be empty' }), {
        error: 'must be a list of words',
      })
      .min(1, { error: 'must have at least one word; leave it out to have no such condition' })
      .optional(),
    when: immediateCallback().optional(),
  });
  return z.object({
    rules: z
      .array(ruleSchema, { error: 'must be a list of rules, such as { task: "code", tools: true }' })
      .min(1, { error: 'must have at least one rule' }),
  });
});

/**
 * Makes a classifier of rules: the first rule whose conditions all hold names the task; without one it is the default task.
 * Asks no model. Keywords are looked for in everything the user wrote, so that a follow-up keeps its task, and never in
 * instructions, answers or tool results. Of more than 65,536 characters the beginnings and ends of the long messages are
 * read, 65,536 in all, so that a call never waits for a whole book to be searched.
 *
 * Throws `InvalidArgumentError` on rules that cannot work.
 *
 * @example
 * const classify = classifyByRules([
 *   { task: 'vision', image: true },
 *   { task: 'code', keywords: ['typescript', 'stack trace'] },
 * ]);
 */
export function classifyByRules<const TASK extends string>(
  rules: ReadonlyArray<ClassifyRule<TASK>>,
): (request: ClassifyRequest) => TASK | undefined {
  check({ schema: rulesSchema(), value: { rules }, path: [] });
  const compiled = rules.map((rule, index) => ({
    task: rule.task,
    holds: compile({ rule, path: ['rules', String(index)] }),
  }));
  const everyKeyword = rules.flatMap(({ keywords = [] }) => keywords);
  const anyWord = everyKeyword.length === 0 ? undefined : wordsPattern(everyKeyword);
  return request => {
    let texts: ReadonlyArray<string> | undefined;
    const mentions = (words: RegExp): boolean => {
      texts ??= textsWith({ word: anyWord, request });
      return texts.some(text => words.test(text));
    };
    return compiled.find(({ holds }) => holds({ request, mentions }))?.task;
  };
}

/** A request, and what finds words in its texts. */
type Asked = { readonly request: ClassifyRequest; readonly mentions: (words: RegExp) => boolean };

/** The texts that have any keyword of any rule: one search for all of them, because most calls have none. */
function textsWith({
  word,
  request: { prompt },
}: {
  readonly word: RegExp | undefined;
  readonly request: ClassifyRequest;
}): ReadonlyArray<string> {
  // An accent may be a character of its own.
  return readExcerpts(prompt)
    .map(text => text.normalize())
    .filter(text => word?.test(text));
}

/** One test of all conditions of a rule, what is cheap to find out before what is not. */
function compile({
  rule,
  path,
}: {
  readonly rule: ClassifyRule;
  readonly path: ReadonlyArray<string>;
}): (asked: Asked) => boolean {
  const { task: _task, ...conditions } = rule;
  if (Object.values(conditions).every(condition => condition === undefined)) {
    refuse({
      path,
      value: rule,
      problem:
        'must have a condition, or it would take every call; for that set defaultTask of the composite',
    });
  }
  const { tools, json, image, pdf, audio, minInputTokens = 0, keywords, when } = rule;
  const { maxInputTokens = Number.POSITIVE_INFINITY } = rule;
  if (minInputTokens > maxInputTokens) {
    refuse({
      path: [...path, 'minInputTokens'],
      value: minInputTokens,
      problem: `must not be above maxInputTokens, ${maxInputTokens}`,
    });
  }
  const words = keywords === undefined ? undefined : wordsPattern(keywords);
  const isBounded = minInputTokens > 0 || maxInputTokens < Number.POSITIVE_INFINITY;

  return ({ request, mentions }) =>
    (tools === undefined || tools === request.tools.length > 0) &&
    (json === undefined || json === (request.output === 'json')) &&
    (image === undefined || image === request.media.image) &&
    (pdf === undefined || pdf === request.media.pdf) &&
    (audio === undefined || audio === request.media.audio) &&
    (words === undefined || mentions(words)) &&
    (!isBounded || (request.inputTokens >= minInputTokens && request.inputTokens <= maxInputTokens)) &&
    (when === undefined || asksNow({ answer: when(request), path: [...path, 'when'] }));
}

/** A promise would hold for every call; refused, it leaves the call to the default task with a warning. */
function asksNow({
  answer,
  path,
}: {
  readonly answer: unknown;
  readonly path: ReadonlyArray<string>;
}): boolean {
  if (settleQuietly(answer)) refuse({ path, value: answer, problem: 'must answer true or false at once' });
  return Boolean(answer);
}

/** Scripts that are written without spaces, where a word has no edge to look for. */
const unspaced =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]';
const letter = `[[\\p{L}\\p{M}\\p{N}_]--${unspaced}]`;
/** Takes a millisecond to make. */
const aLetter = lazily(() => new RegExp(letter, 'v'));

function wordsPattern(keywords: ReadonlyArray<string>): RegExp {
  return new RegExp(keywords.map(pattern).join('|'), 'iv');
}

/** A keyword as a whole word: "test" is not in "latest". A keyword such as "c++" ends where it ends. */
function pattern(keyword: string): string {
  // An accent may be a character of its own.
  const word = keyword.trim().normalize();
  const [first = ''] = word;
  const last = [...word].at(-1) ?? '';
  const text = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+');
  const isLetter = (character: string) => aLetter().test(character);
  return `${isLetter(first) ? `(?<!${letter})` : ''}${text}${isLetter(last) ? `(?!${letter})` : ''}`;
}
