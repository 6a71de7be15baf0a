import { createChunk } from '../boundary/chunk.ts';
import type { Admit } from '../fallback/admission.ts';
import type { AdmitClassifier } from '../route/classify/classify-request.ts';
import type { Composite } from './open-composite.ts';
import type { CompositeRequest } from './request.ts';

/** What sees to budgets and rate limits; loaded by the first call that something bounds. */
const chunk = createChunk(() => import('./spending.ts'));

type Code = typeof import('./spending.ts');
type Open = Code['openSpending'];

/** That code, once the state that it holds in is there too; undefined while one of them is loading. */
function codeFor({ spending, state }: Composite): Code | undefined {
  return spending === undefined || state.shared.now() !== undefined ? chunk.now() : undefined;
}

/** Loads that code, and the state that it holds in. */
export async function loadSpending(composite: Composite): Promise<Code> {
  const [code] = await Promise.all([
    chunk.now() ?? chunk.load(),
    composite.spending && composite.state.shared.later(),
  ]);
  return code;
}

/** True for a call whose requests have to be asked for: the composite's own budgets count them, or those of an outer one. */
export function isBounded({
  composite,
  request,
}: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
}): boolean {
  return composite.spending !== undefined || request.outerBudgets !== undefined;
}

/** Admits the requests of a call, once what sees to it is loaded. */
export function lazyAdmit({
  onOpen,
  ...call
}: Parameters<Open>[0] & {
  readonly onOpen: (leftOut: ReturnType<Open>['leftOut']) => void;
}): Admit {
  let admit: Admit | undefined;
  const open = ({ openSpending }: { readonly openSpending: Open }): Admit => {
    if (admit !== undefined) return admit;
    const own = openSpending(call);
    onOpen(own.leftOut);
    admit = own.admit;
    return admit;
  };
  return request => {
    const code = codeFor(call.composite);
    return code === undefined
      ? loadSpending(call.composite).then(later => open(later)(request))
      : open(code)(request);
  };
}

/** Admits the requests of a classifier, once what sees to it is loaded; undefined where nothing bounds them. */
export function lazyAdmitClassifier(call: {
  readonly composite: Composite;
  readonly request: CompositeRequest;
}): AdmitClassifier | undefined {
  if (!isBounded(call)) return undefined;
  return async asked => {
    const { admitClassifier } = await loadSpending(call.composite);
    return admitClassifier(call)(asked);
  };
}
