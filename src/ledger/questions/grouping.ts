import * as z from 'zod/v4';
import type { Dialect, Row } from '../database/database.ts';

/** By what figures are told apart: a day or month (UTC), a name, or the value of a tag. */
export type GroupBy = 'day' | 'month' | 'task' | 'candidate' | 'provider' | 'model' | `tag:${string}`;

/** The group that figures are of: a text for each thing asked; left out where a call has no such tag. */
export type Group<BY extends GroupBy> = { readonly [NAME in BY]?: string };

const names = ['day', 'month', 'task', 'candidate', 'provider', 'model'];

/** What a grouping may be. */
export const groupBySchema = z
  .array(
    z.string().refine(name => names.includes(name) || tagIn(name) !== undefined, {
      error: `must be one of ${names.join(', ')}, or tag: with the name of a tag`,
    }),
    { error: 'must be a list' },
  )
  .optional();

/** The tag that a grouping names. */
export function tagIn(name: string): string | undefined {
  return name.startsWith('tag:') && name.length > 4 ? name.slice(4) : undefined;
}

/** The columns of a grouping, named `group_1`, `group_2` and so on. */
export function groupColumns({
  by,
  dialect,
  tagColumn,
}: {
  readonly by: ReadonlyArray<GroupBy>;
  readonly dialect: Dialect;
  readonly tagColumn: (name: string) => string;
}): ReadonlyArray<string> {
  const columnOf = (name: GroupBy): string => {
    if (name === 'day') return dialect.dayOf('day');
    if (name === 'month') return dialect.monthOf('day');
    const tag = tagIn(name);
    return tag === undefined ? name : tagColumn(tag);
  };
  return by.map((name, index) => `${columnOf(name)} AS group_${index + 1}`);
}

/** The names of the columns, for `GROUP BY` and `ORDER BY`. */
export function groupNames(by: ReadonlyArray<GroupBy>): ReadonlyArray<string> {
  return by.map((_name, index) => `group_${index + 1}`);
}

/** Reads the group out of a row. */
export function groupOf<BY extends GroupBy>({
  by,
  row,
}: {
  readonly by: ReadonlyArray<BY>;
  readonly row: Row;
}): Group<BY> {
  const entries = by.flatMap((name, index) => {
    const value = row[`group_${index + 1}`];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  // Its keys are those of `by`.
  return Object.fromEntries(entries) as Group<BY>;
}
