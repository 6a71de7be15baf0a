import * as z from 'zod/v4';
import { strictOptions } from '../../boundary/check.ts';
import type { Parameters } from './statement.ts';

/** Which calls are meant; all that is given must hold. */
export type Filter = {
  readonly task?: string | undefined;
  readonly candidate?: string | undefined;
  readonly provider?: string | undefined;
  /** The model id that the provider answered with, else the requested one. */
  readonly model?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
};

const text = z.string({ error: 'must be a text' }).optional();

/** Tags and their values. */
export const tagsSchema = z
  .record(z.string(), z.string({ error: 'must be a text' }), { error: 'must be an object of texts' })
  .optional();

/** What a filter may have. */
export const filterSchema = strictOptions({
  task: text,
  candidate: text,
  provider: text,
  model: text,
  tags: tagsSchema,
} satisfies Record<keyof Filter, z.ZodType>).optional();

/** The conditions of a filter; `tagColumn` gives the column that has the value of a tag. */
export function conditionsOf({
  filter: { tags = {}, ...names },
  parameters,
  tagColumn,
}: {
  readonly filter: Filter;
  readonly parameters: Parameters;
  readonly tagColumn: (name: string) => string;
}): ReadonlyArray<string> {
  const byName = Object.entries(names).flatMap(([column, value]) =>
    value === undefined ? [] : [`${column} = ${parameters.add(value)}`],
  );
  const byTag = Object.entries(tags).map(([name, value]) => `${tagColumn(name)} = ${parameters.add(value)}`);
  return [...byName, ...byTag];
}
