import type { AttemptEndEvent, AttemptReport } from '../index.ts';

/** Who answered an attempt, or failed it: of a candidate that is itself a composite, the one of its candidates that did. */
export function lastAsked({ provider, modelId, responseModelId = modelId, nested }: AttemptEndEvent): Asked {
  return insideOf({ provider, requestModel: modelId, responseModel: responseModelId, nested });
}

type Asked = {
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
};

function insideOf({
  nested,
  ...asked
}: Asked & { readonly nested: AttemptReport['nested'] | undefined }): Asked {
  const attempts = nested?.attempts ?? [];
  const inner = attempts.findLast(({ outcome }) => outcome === 'success') ?? attempts.at(-1);
  if (inner === undefined) return asked;
  const { provider, modelId } = inner;
  return insideOf({ provider, requestModel: modelId, responseModel: modelId, nested: inner.nested });
}
