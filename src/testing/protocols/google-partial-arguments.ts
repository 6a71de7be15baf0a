/**
 * The parts of a Gemini function call whose arguments are streamed: the name, each argument as `partialArgs` (text in two
 * halves, everything else as JSON paths of its leaves), then an empty call that ends it.
 */
export function partialArguments({
  toolName,
  input,
}: {
  toolName: string;
  input: Readonly<Record<string, unknown>>;
}): readonly object[] {
  const partial = (argument: object): object => ({
    functionCall: { partialArgs: [argument], willContinue: true },
  });
  return [
    { functionCall: { name: toolName, willContinue: true } },
    ...Object.entries(input).flatMap(([key, value]) =>
      argumentPieces({ path: `$.${key}`, value }).map(partial),
    ),
    { functionCall: {} },
  ];
}

function argumentPieces({ path, value }: { path: string; value: unknown }): readonly object[] {
  if (typeof value === 'string') {
    const half = Math.ceil(value.length / 2);
    return [
      { jsonPath: path, stringValue: value.slice(0, half), willContinue: true },
      { jsonPath: path, stringValue: value.slice(half) },
    ];
  }
  if (typeof value === 'number') return [{ jsonPath: path, numberValue: value }];
  if (typeof value === 'boolean') return [{ jsonPath: path, boolValue: value }];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => argumentPieces({ path: `${path}[${index}]`, value: item }));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      argumentPieces({ path: `${path}.${key}`, value: item }),
    );
  }
  return [{ jsonPath: path, nullValue: 'NULL_VALUE' }];
}
