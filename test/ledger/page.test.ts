import { createComposite } from 'ai-composite';
import { type Ledger, openLedger } from 'ai-composite/ledger';
import { afterEach, describe, expect, test } from 'vitest';
import { createManualClock } from '../fallback/manual-clock.ts';
import { scriptedModel } from '../fallback/scripted-model.ts';
import { attempt, callEnd } from './calls.ts';

const now = Date.UTC(2026, 10, 20);
const markup = '</script><img src=x onerror="alert(1)"><!--';

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function filled() {
  const ledger = await openLedger({ database: ':memory:', clock: createManualClock(now) });
  opened.push(ledger);
  ledger.onCallEnd(
    callEnd({
      id: markup,
      task: markup,
      tags: { [markup]: markup },
      sessionId: markup,
      attempts: [attempt({ candidate: markup, modelId: markup, provider: markup })],
      warnings: [markup],
      skipped: [{ candidate: markup, reason: markup }],
    }),
  );
  return ledger;
}

/** The data in a page, as its script reads it. */
function dataOf(page: string) {
  const [, json = ''] = page.match(/<script type="application\/json" id="data">(.*?)<\/script>/s) ?? [];
  return JSON.parse(json);
}

describe('the page', () => {
  test('has what waits to be written, and nothing that anybody wrote is markup', async () => {
    const ledger = await filled();
    const page = await ledger.page({ title: markup, tags: [markup] });
    expect(page).not.toContain('<img');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(dataOf(page)).toMatchObject({
      title: markup,
      tasks: [markup],
      models: [markup],
      rows: [[20_767, 0, 0, 0, 1, 1, 0, 0, 1, 2_000_000, 0, 100, 20]],
      tags: [{ name: markup, values: [markup], rows: [[20_767, 0, 1, 2_000_000]] }],
      calls: [{ callId: markup, task: markup }],
    });
  });

  test('loads nothing from anywhere', async () => {
    const page = await (await filled()).page();
    expect(page).toContain(`default-src 'none'`);
    expect(page.match(/(?:src|href)="[^"]*"/g)).toBeNull();
  });

  test('shows health and budgets as they are when it is made', async () => {
    const ledger = await filled();
    const page = await ledger.page({
      health: () => [{ candidate: 'a', state: 'open' }],
      budgets: async () => [{ budget: 'day', limit: { usd: 5 }, spent: { usd: 1 } }],
    });
    expect(dataOf(page)).toMatchObject({
      health: [{ candidate: 'a', state: 'open' }],
      budgets: [{ budget: 'day', limit: { usd: 5 }, spent: { usd: 1 } }],
    });
  });

  test('takes health and budgets from a composite', async () => {
    const ledger = await filled();
    const model = scriptedModel({ id: 'one', turns: [{ text: ['ok'] }] });
    const ai = createComposite([{ model, price: { inputTokens: 1, outputTokens: 1 } }], {
      budgets: [{ name: 'a day', usd: 5, every: 'day' }],
    });
    await ai.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
    expect(dataOf(await ledger.page({ health: ai.health, budgets: ai.budgets }))).toMatchObject({
      health: [{ candidate: 'scripted/one', state: 'closed' }],
      budgets: [{ budget: 'a day', limit: { usd: 5 }, spent: { usd: expect.any(Number) } }],
    });
  });

  test('of an empty ledger is a page too', async () => {
    const ledger = await openLedger({ database: ':memory:', clock: createManualClock(now) });
    opened.push(ledger);
    expect(dataOf(await ledger.page({ from: 0 }))).toMatchObject({
      rows: [],
      calls: [],
      firstDay: 0,
      lastDay: 20_777,
    });
  });
});

describe('the handler', () => {
  const request = (method = 'GET', query = '') => new Request(`http://localhost/costs${query}`, { method });

  test('shows the page to whom it is meant for, and to nobody else', async () => {
    const ledger = await filled();
    const handle = ledger.handler({
      tags: ['customer'],
      authorize: async ({ url }) => new URL(url).searchParams.get('key') === 'right',
    });
    const refused = await handle(request('GET', '?key=wrong'));
    expect([refused.status, await refused.text()]).toEqual([403, 'Not allowed']);
    expect((await handle(request('POST', '?key=right'))).status).toBe(405);
    const page = await handle(request('GET', '?key=right'));
    expect(Object.fromEntries(page.headers)).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(dataOf(await page.text()).calls).toHaveLength(1);
    expect(await (await handle(request('HEAD', '?key=right'))).text()).toBe('');
  });

  test('takes another period from the address', async () => {
    const handle = (await filled()).handler({ authorize: () => true });
    expect(dataOf(await (await handle(request('GET', '?days=5'))).text()).calls).toEqual([]);
    expect(dataOf(await (await handle(request('GET', '?days=50'))).text()).calls).toHaveLength(1);
    expect(dataOf(await (await handle(request('GET', '?days=x'))).text()).calls).toHaveLength(1);
  });

  test('is refused where nobody says who may see it', async () => {
    const ledger = await filled();
    expect(() => ledger.handler({} as never)).toThrow(
      /handler\.authorize: must say who may see what calls cost/,
    );
    expect(() => ledger.handler(undefined as never)).toThrow(/handler\.authorize/);
  });

  test('an answer of authorize that is not true refuses', async () => {
    const handle = (await filled()).handler({ authorize: () => 'yes' as never });
    expect((await handle(request())).status).toBe(403);
  });
});
