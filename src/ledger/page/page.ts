import * as z from 'zod/v4';
import { check, refuse, strictOptions } from '../../boundary/check.ts';
import type { Database } from '../database/database.ts';
import { momentSchema, type Period } from '../questions/period.ts';
import { dayMs } from '../rows/call-row.ts';
import { collectData } from './collect-data.ts';
import type { PageBudget, PageHealth } from './page-data.ts';
import { pageHtml } from './page-html.ts';

/** What the page shows. */
export type PageOptions = Period & {
  /** Default: `What calls cost`. */
  readonly title?: string;
  /** Tags whose values costs are also shown by, such as `['customer']`. Default: none. */
  readonly tags?: ReadonlyArray<string>;
  /** How many of the latest calls are shown. Default: 100, at most 1,000. */
  readonly latestCalls?: number;
  /** Who is down now: `() => ai.health()`. Default: not shown. */
  readonly health?: () => ReadonlyArray<PageHealth> | PromiseLike<ReadonlyArray<PageHealth>>;
  /** How budgets stand: `() => ai.budgets()`. Default: not shown. */
  readonly budgets?: () => ReadonlyArray<PageBudget> | PromiseLike<ReadonlyArray<PageBudget>>;
};

/** Whoever may see the page: true for a request that may. */
export type Authorize = (request: Request) => boolean | PromiseLike<boolean>;

/** What a ledger's page needs. */
type From = {
  readonly database: Database;
  readonly nowMs: () => number;
  readonly flush: () => Promise<void>;
};

/** Makes the page: one HTML document that needs no server and loads nothing. */
export async function makePage({
  from: { database, nowMs, flush },
  options,
}: {
  readonly from: From;
  readonly options: PageOptions;
}): Promise<string> {
  check({ schema: pageSchema, value: options, path: ['page'] });
  const { title = 'What calls cost', tags = [], latestCalls = 100, health, budgets, ...period } = options;
  // What waits belongs to it; a database that takes no writes can still be read.
  await flush().catch(() => {});
  const [{ script }, ownHealth = [], ownBudgets = []] = await Promise.all([
    import('#ledger-page-script'),
    health?.(),
    budgets?.(),
  ]);
  const data = await collectData({
    database,
    nowMs: nowMs(),
    options: { ...period, title, tags, latestCalls, health: ownHealth, budgets: ownBudgets },
  });
  return pageHtml({ data, script });
}

/** Serves the page, made anew for each request, to whom it is meant for. */
export function makeHandler({
  from,
  options: { authorize, ...options },
}: {
  readonly from: From;
  readonly options: PageOptions & { readonly authorize: Authorize };
}): (request: Request) => Promise<Response> {
  if (typeof authorize !== 'function')
    refuse({
      path: ['handler', 'authorize'],
      value: authorize,
      problem:
        'must say who may see what calls cost: (request) => true or false; the page is not served without it',
    });
  check({ schema: pageSchema, value: options, path: ['handler'] });
  return async request => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer({ status: 405, text: 'GET only' });
    if ((await authorize(request)) !== true) return answer({ status: 403, text: 'Not allowed' });
    const page = await makePage({
      from,
      options: { ...options, ...periodIn({ request, nowMs: from.nowMs() }) },
    });
    return new Response(request.method === 'HEAD' ? null : page, {
      headers: { 'content-type': 'text/html; charset=utf-8', ...safeHeaders },
    });
  };
}

const safeHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

function answer({ status, text }: { readonly status: number; readonly text: string }): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain', ...safeHeaders } });
}

/** `?days=90` asks for another period; anything else there is left alone. */
function periodIn({ request, nowMs }: { readonly request: Request; readonly nowMs: number }): Period {
  const days = Number(new URL(request.url).searchParams.get('days'));
  return Number.isInteger(days) && days > 0 && days <= 4_000 ? { from: nowMs - days * dayMs } : {};
}

const anyFunction = z
  .custom(value => typeof value === 'function', { error: 'must be a function' })
  .optional();

const pageSchema = strictOptions({
  from: momentSchema,
  to: momentSchema,
  title: z.string({ error: 'must be a text' }).optional(),
  tags: z
    .array(z.string({ error: 'must be the name of a tag' }), { error: 'must be a list of tags' })
    .optional(),
  latestCalls: z
    .int({ error: 'must be a whole number' })
    .min(0, { error: 'must not be negative' })
    .max(1_000, { error: 'must be at most 1,000' })
    .optional(),
  health: anyFunction,
  budgets: anyFunction,
} satisfies Record<keyof PageOptions, z.ZodType>);
