import { commonCodes, genericCodes, networkCodes, vagueCodes } from './common-codes.ts';
import { type Meaning, meanings } from './meaning.ts';
import { providerCodes } from './provider-codes.ts';
import { kindOfStatus } from './status.ts';

type Table = ReadonlyMap<string, Meaning>;
type Tables = {
  readonly providers: ReadonlyArray<{
    readonly names: readonly string[];
    readonly codes: Table;
    readonly statuses: Table;
  }>;
  readonly common: Table;
  /** Codes that only one provider documents, or several alike: they mean it behind a gateway too. */
  readonly anywhere: Table;
  readonly generic: Table;
  readonly network: Table;
};

let tables: Tables | undefined;

/** Made at the first failure: a call that succeeds pays for none of it. */
function allTables(): Tables {
  tables ??= {
    providers: providerCodes().map(({ names, codes, vague = {}, statuses = {} }) => ({
      names,
      codes: meanings({ codes, vague }),
      statuses: meanings({ codes: statuses }),
    })),
    common: meanings({ codes: commonCodes(), vague: vagueCodes() }),
    anywhere: unambiguous(),
    generic: meanings({ codes: genericCodes() }),
    network: meanings({ codes: networkCodes() }),
  };
  return tables;
}

/** Numbers are left out: every provider counts from somewhere, and their bodies tell whose they are. */
function unambiguous(): Table {
  const seen = new Map<string, Meaning>();
  const disputed = new Set<string>();
  for (const { codes, vague = {} } of providerCodes())
    for (const [code, meaning] of meanings({ codes, vague })) {
      if (/^\d+$/.test(code) || (seen.has(code) && seen.get(code)?.kind !== meaning.kind)) disputed.add(code);
      seen.set(code, meaning);
    }
  for (const code of disputed) seen.delete(code);
  return seen;
}

/** What a failure says of itself, as far as the tables go by it. */
export type Clues = {
  /** Lower case, the most specific first. */
  readonly codes: readonly string[];
  readonly statusCode: number | undefined;
  /** The model's `provider`, the host that answered, the shape of the body: whatever tells whose codes these are. */
  readonly source: string;
};

/** What the provider's codes mean: by its own table, then the common one, then what any other provider documents. */
export function meaningOfCodes({ codes, statusCode, source }: Clues): Meaning | undefined {
  const { providers, common, anywhere } = allTables();
  const own = providers.filter(({ names }) => names.some(name => source.includes(name)));
  for (const table of [...own.map(provider => provider.codes), common, anywhere]) {
    const meaning = find({ table, codes, statusCode });
    if (meaning !== undefined) return meaning;
  }
  for (const { statuses } of own) {
    const meaning = statuses.get(String(statusCode));
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}

/** What is left where no code names a cause: the status, then codes that stand for many causes. */
export function meaningOfStatus({ codes, statusCode }: Omit<Clues, 'source'>): Meaning | undefined {
  const kind = statusCode === undefined ? undefined : kindOfStatus(statusCode);
  return kind === undefined ? find({ table: allTables().generic, codes, statusCode }) : { kind };
}

/** What the network stack's own code means. */
export function meaningOfNetworkCode(codes: readonly string[]): Meaning | undefined {
  return find({ table: allTables().network, codes, statusCode: undefined });
}

function find({
  table,
  codes,
  statusCode,
}: {
  readonly table: Table;
  readonly codes: readonly string[];
  readonly statusCode: number | undefined;
}): Meaning | undefined {
  for (const code of codes) {
    const meaning = table.get(`${statusCode} ${code}`) ?? table.get(code);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}
