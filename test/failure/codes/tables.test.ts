import { describe, expect, test } from 'vitest';
import {
  commonCodes,
  genericCodes,
  networkCodes,
  vagueCodes,
} from '../../../src/failure/codes/common-codes.ts';
import type { CodesByKind } from '../../../src/failure/codes/meaning.ts';
import { providerCodes } from '../../../src/failure/codes/provider-codes.ts';

const tables: ReadonlyArray<readonly [string, readonly CodesByKind[]]> = [
  ['common', [commonCodes(), vagueCodes()]],
  ['generic', [genericCodes()]],
  ['network', [networkCodes()]],
  ...providerCodes().map(
    ({ names, codes, vague = {}, statuses = {} }) => [names.join(), [codes, vague, statuses]] as const,
  ),
];

describe.each(tables)('the codes of %s', (_name, byKind) => {
  const codes = byKind.flatMap(table => Object.values(table).flat());

  test('are written as they are looked up', () => {
    for (const code of codes) expect(code).toMatch(/^(?:\d{3} )?[a-z\d_.:-]+$/);
  });

  test('mean one thing each', () => {
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });
});
