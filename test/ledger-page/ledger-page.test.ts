import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Ledger, openLedger, type PageOptions } from 'ai-composite/ledger';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Browser, type BrowserContextOptions, openBrowser, type Page } from '../browser/open-browser.ts';
import { attempt, callEnd, priced, unpriced } from '../ledger/calls.ts';

/** To be looked at; git leaves them out. */
const screenshots = path.join(import.meta.dirname, 'screenshots');
const day = (number: number, hour = 12) => Date.UTC(2026, 10, number, hour);
const to = Date.UTC(2026, 10, 21);
const markup = '<img src=x onerror="document.title=1">';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await openBrowser();
  mkdirSync(screenshots, { recursive: true });
});
afterAll(() => browser.close());

let ledger: Ledger;
let page: Page;
let problems: string[];
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledger-page-'));
  ledger = await openLedger({ database: ':memory:' });
  problems = [];
});
afterEach(async () => {
  await page.context().close();
  await ledger.close();
  rmSync(folder, { recursive: true });
  expect(problems).toEqual([]);
});

/** Opens the page of the ledger from a file; what it says on its console and asks of others are problems. */
async function open(options: PageOptions = {}, context: BrowserContextOptions = {}): Promise<void> {
  const file = path.join(folder, 'page.html');
  writeFileSync(file, await ledger.page({ from: day(10, 0), to, ...options }));
  page = await (await browser.newContext({ viewport: { width: 1180, height: 900 }, ...context })).newPage();
  page.on('console', message => problems.push(message.text()));
  page.on('pageerror', error => problems.push(String(error)));
  page.on('request', request => {
    if (!request.url().startsWith('file:')) problems.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('.cards');
}

async function shoot(name: string): Promise<void> {
  await page.screenshot({ path: path.join(screenshots, `ledger-${name}.png`), fullPage: true });
}

/** Known calls: three days, two tasks, a fallback, an unpriced model. */
function fill(): void {
  const failed = attempt({
    outcome: 'failure',
    failureKind: 'overloaded',
    statusCode: 529,
    cost: priced('0'),
    durationMs: 300,
  });
  const second = attempt({
    attemptNumber: 2,
    candidate: 'acme/two',
    modelId: 'two',
    startedAtMs: day(12) + 300,
    cost: priced('3'),
  });
  for (const call of [
    callEnd({
      id: '1',
      startedAtMs: day(10),
      usdExact: '1',
      tags: { customer: 'a' },
      attempts: [attempt({ cost: priced('1') })],
    }),
    callEnd({
      id: '2',
      startedAtMs: day(10),
      usdExact: '2',
      task: 'code',
      attempts: [attempt({ cost: priced('2') })],
    }),
    callEnd({
      id: '3',
      startedAtMs: day(12),
      usdExact: '3',
      tags: { customer: 'b' },
      attempts: [failed, second],
    }),
    callEnd({
      id: '4',
      startedAtMs: day(12, 13),
      task: markup,
      attempts: [attempt({ candidate: markup, modelId: markup, cost: unpriced })],
      cost: { status: 'unknown', incomplete: 1, count: 1 },
    }),
  ])
    ledger.onCallEnd(call);
}

const card = (name: string) =>
  page
    .locator('.cards div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('strong');

/** What the figures of a section's chart say, as its table shows them. */
async function tableOf(title: string): Promise<ReadonlyArray<ReadonlyArray<string>>> {
  const section = page.locator('section').filter({ has: page.getByRole('heading', { name: title }) });
  await section.locator('summary').click();
  // The browser tells of the opening in a turn of its own.
  await section.locator('table').waitFor();
  return section
    .locator('table tr')
    .evaluateAll(rows => rows.map(row => [...row.children].map(cell => cell.textContent ?? '')));
}

describe('the page of a ledger', () => {
  test('shows what was paid, exactly as it is known', async () => {
    fill();
    await open({ tags: ['customer'] });
    await shoot('light');
    expect(await card('Cost').textContent()).toBe('≥ $6.00');
    expect(await card('Calls').textContent()).toBe('4');
    expect(await card('Answered').textContent()).toBe('100 %');
    expect(await card('By a fallback').textContent()).toBe('25.0 %');
    const rows = await tableOf('Cost by model');
    expect(rows[0]).toEqual(['', 'one', 'two', markup]);
    expect(rows.slice(1, 4)).toEqual([
      ['10 Nov 2026', '$3.00', '$0', '$0'],
      ['11 Nov 2026', '$0', '$0', '$0'],
      ['12 Nov 2026', '$0', '$3.00', '$0'],
    ]);
    expect((await tableOf('Failures and fallbacks')).slice(0, 4)).toEqual([
      ['', 'overloaded', 'answered by a fallback'],
      ['10 Nov 2026', '0', '0 %'],
      ['11 Nov 2026', '0', '–'],
      ['12 Nov 2026', '1', '50.0 %'],
    ]);
  });

  test('draws the bars where the figures are, and says them at the pointer', async () => {
    fill();
    ledger.onCallEnd(
      callEnd({
        id: '5',
        startedAtMs: day(10),
        attempts: [attempt({ modelId: 'two', cost: priced('0.25') })],
        usdExact: '0.25',
      }),
    );
    await open();
    const canvas = page.getByRole('img', { name: /Cost a day by model/ });
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('no chart');
    // The first of eleven days; the axis takes the left.
    await page.mouse.move(box.x + 85, box.y + 150);
    const readout = page.locator('.readout').first();
    expect(await readout.locator('b, div').allTextContents()).toEqual([
      '10 Nov 2026',
      'two: $0.250000',
      'one: $3.00',
      'Together: $3.25',
    ]);
    await shoot('pointer');
    await page.mouse.move(box.x + box.width - 30, box.y + 150);
    expect(await readout.isHidden()).toBe(true);
    const colors = await canvas.evaluate((own: HTMLCanvasElement) => {
      const pixels = own.getContext('2d')?.getImageData(0, 0, own.width, own.height).data ?? [];
      const found = new Set<string>();
      for (let index = 0; index < pixels.length; index += 4) found.add(pixels.slice(index, index + 3).join());
      return ['59,111,216', '224,138,46'].map(color => found.has(color));
    });
    expect(colors).toEqual([true, true]);
  });

  test('shows what is chosen: a task, a period, another stack', async () => {
    fill();
    await open({ tags: ['customer'] });
    await page.getByRole('combobox', { name: 'Task', exact: true }).selectOption('code');
    expect(await card('Cost').textContent()).toBe('$2.00');
    await page.getByRole('combobox', { name: 'Task', exact: true }).selectOption('all');
    await page.getByRole('combobox', { name: 'Cost by', exact: true }).selectOption('tag customer');
    expect((await tableOf('Cost by customer'))[0]).toEqual(['', 'b', '(no customer)', 'a']);
    await page.getByRole('combobox', { name: 'Period', exact: true }).selectOption('Last 7 days');
    expect(await card('Calls').textContent()).toBe('0');
    await expect.poll(() => page.getByText('Nothing in this period.').count()).toBe(4);
  });

  test('unfolds a call into its attempts, by keyboard too', async () => {
    fill();
    await open();
    const row = page.locator('.calls tbody tr').filter({ hasText: 'acme/two' }).first();
    const button = row.getByRole('button');
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    const attempts = page.locator('.waterfall li');
    expect(await attempts.allTextContents()).toEqual([
      '1 acme/one overloaded 529300 ms · first output after 200 ms · 100 in, 20 out · $0',
      '2 acme/two success900 ms · first output after 200 ms · 100 in, 20 out · $3.00',
    ]);
    const [first, second] = await page
      .locator('.track .span')
      .evaluateAll(bars => bars.map(bar => bar.getBoundingClientRect().left));
    expect(second).toBeGreaterThan(first ?? Number.NaN);
    await shoot('waterfall');
  });

  test('shows what anybody wrote as text', async () => {
    fill();
    await open({ title: markup });
    expect(await page.locator('h1').textContent()).toBe(markup);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe(markup);
  });

  test('shows who is down and how budgets stand', async () => {
    fill();
    await open({
      health: () => [
        { candidate: 'acme/one', state: 'open', lastFailureKind: 'overloaded', openUntilMs: day(12) },
        { candidate: 'acme/two', state: 'closed' },
      ],
      budgets: () => [
        { budget: 'a day', key: 'acme', limit: { usd: 10 }, spent: { usd: 6 }, held: { usd: 1 } },
      ],
    });
    expect(await page.locator('.health li').allTextContents()).toEqual([
      'down acme/oneoverloaded, next try 12 Nov, 12:00:00',
      'healthy acme/two',
    ]);
    const meter = page.getByRole('meter', { name: 'a day: acme' });
    expect(await meter.getAttribute('aria-valuetext')).toBe('$6.00 of $10.00 spent');
    expect(await meter.locator('.spent').evaluate(bar => (bar as HTMLElement).style.width)).toBe('60%');
  });

  test.each([
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 360, height: 740 } }],
  ] as const)('fits a %s screen', async (name, context) => {
    fill();
    await open({ tags: ['customer'] }, context);
    await page.locator('.calls button').first().click();
    await shoot(name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(name === 'dark' ? 'rgb(19, 20, 22)' : 'rgb(251, 251, 250)');
  });

  test('of an empty ledger says so', async () => {
    await open();
    await shoot('empty');
    expect(await card('Cost').textContent()).toBe('$0');
    expect(await page.getByText('Nothing in this period.').count()).toBe(4);
    expect(await page.getByText('No calls in this period.').count()).toBe(1);
  });

  test('of one call looks right', async () => {
    ledger.onCallEnd(callEnd({ id: '1', startedAtMs: day(20) }));
    await open({ from: 0 });
    await shoot('single');
    expect(await card('Cost').textContent()).toBe('$0.002000');
    expect((await tableOf('Cost by model')).slice(1)).toEqual([['20 Nov 2026', '$0.002000']]);
  });

  test('of a thousand days and fifty models is drawn at once', async () => {
    for (let index = 0; index < 12_000; index++) {
      const model = `model-${index % 50}`;
      const startedAtMs = to - 1 - (index % 1_000) * 86_400_000;
      ledger.onCallEnd(
        callEnd({
          id: String(index),
          startedAtMs,
          attempts: [attempt({ modelId: model, candidate: model })],
        }),
      );
      if (index % 5_000 === 0) await ledger.flush();
    }
    await open({ from: 0 });
    await shoot('large');
    const ms = await page.evaluate(() => {
      const select = document.querySelectorAll('select')[1];
      const started = performance.now();
      if (select) select.value = 'candidate';
      select?.dispatchEvent(new Event('change'));
      return new Promise<number>(resolve =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - started))),
      );
    });
    console.log(`1,000 days, 50 models: drawn anew in ${Math.round(ms)} ms`);
    expect(await page.getByRole('heading', { name: 'Cost by candidate' }).count()).toBe(1);
    expect(await card('Calls').textContent()).toBe('12,000');
  });
});
