import type { Statement, Value } from '../database/database.ts';

/** A statement under construction: what is put into it becomes a parameter, never text. */
export type Parameters = {
  /** Adds a value and gives its name in the text. */
  readonly add: (value: Value) => string;
  readonly statement: (text: string) => Statement;
};

/** Starts a statement without parameters. */
export function createParameters(): Parameters {
  const values: Value[] = [];
  return {
    add: value => {
      values.push(value);
      return `$${values.length}`;
    },
    statement: text => ({ text, values }),
  };
}
