import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Browser, type BrowserContextOptions, openBrowser, type Page } from '../browser/open-browser.ts';
import { type ChatPage, openChat } from './chat-page.ts';

const url = inject('appUrl');
const sky = 'Why is the sky blue?';
const skyEnds = /what is left is orange and red\.$/;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

let chat: ChatPage;
const open = async (options: BrowserContextOptions = {}) => {
  chat = await openChat({ browser, url, ...options });
  return chat;
};
afterEach(async () => {
  await chat.close();
  expect(chat.complaints).toEqual([]);
});

const textOf = async () => (await chat.answer.locator('.answer-text').innerText()).trim();
const reportText = async () => (await chat.report.innerText()).replaceAll(/\s+/g, ' ');
/** Unfolds the attempts of the latest answer, and gives them line by line. */
const unfold = async () => {
  await chat.report.click();
  const lines = await chat.answer.locator('.waterfall li').allInnerTexts();
  return lines.map(line => line.replaceAll(/\s+/g, ' '));
};

describe('an answer', () => {
  test('streams, and says who gave it, how soon, for how many tokens and what it cost', async () => {
    const { send, answer, page, total } = await open();
    await send(sky);
    await page.locator('.answer[data-state="writing"]').waitFor();
    const early = await textOf();
    expect(early).toMatch(/^Sunlight/);
    expect(early).not.toMatch(skyEnds);
    await page.locator('.answer[data-state="whole"]').waitFor();
    expect(await textOf()).toMatch(skyEnds);
    expect(await reportText()).toMatch(
      /^google\/gemini-3\.8-flash first words (?:\d+ ms|\d\.\d\d s) \d+ tokens \$0\.000\d+$/,
    );
    expect(await total.innerText()).toBe(await answer.locator('.figures span').last().innerText());
    expect(await unfold()).toEqual([
      expect.stringMatching(/^google\/gemini-3\.8-flash answered (?:\d+ ms|\d\.\d\d s) \$0\.000\d+$/),
    ]);
    await chat.shoot('answer');
  });

  test('comes from the task that its words or the reader chose', async () => {
    const { ask, page } = await open();
    await ask('Write a poem.');
    expect(await reportText()).toMatch(/^openai\/gpt-6-astra/);
    await page.getByRole('radio', { name: 'Code' }).check();
    await ask('Thanks.');
    expect(await reportText()).toMatch(/^anthropic\/claude-sonnet-5 /);
  });

  test('adds to what the conversation has cost', async () => {
    const { ask, total, page } = await open();
    await ask(sky);
    await ask(sky);
    const costs = await page.locator('.figures span:last-child').allInnerTexts();
    const sum = costs.reduce((cost, text) => cost + Number(text.replace('$', '')), 0);
    expect(Number((await total.innerText()).replace('$', ''))).toBeCloseTo(sum, 5);
  });
});

describe('a provider that fails before the first word is not noticed', () => {
  test('when it is down', async () => {
    const { breakProviders, ask } = await open();
    await breakProviders({ google: 'down' });
    await ask(sky);
    expect(await textOf()).toMatch(skyEnds);
    expect(await reportText()).toMatch(
      /^openai\/gpt-6-luna after google\/gemini-3\.8-flash failed first words/,
    );
    expect(await unfold()).toEqual([
      expect.stringMatching(/^google\/gemini-3\.8-flash overloaded \(503\) (?:\d+ ms|\d\.\d\d s) \$0$/),
      expect.stringMatching(/^google\/gemini-3\.8-flash overloaded \(503\) (?:\d+ ms|\d\.\d\d s) \$0$/),
      expect.stringMatching(/^openai\/gpt-6-luna answered/),
    ]);
    await chat.shoot('down');
  });

  test('when it is slow', async () => {
    const { breakProviders, ask } = await open();
    await breakProviders({ google: 'slow' });
    await ask(sky);
    expect(await textOf()).toMatch(skyEnds);
    const [first, second] = await unfold();
    expect(first).toMatch(/^google\/gemini-3\.8-flash too slow 3\.\d\d s/);
    expect(second).toMatch(/^openai\/gpt-6-luna answered/);
    await chat.shoot('slow');
  });

  test('when its stream breaks', async () => {
    const { breakProviders, ask } = await open();
    await breakProviders({ google: 'cut-before' });
    await ask(sky);
    expect(await textOf()).toMatch(/^Sunlight holds/);
    expect(await textOf()).toMatch(skyEnds);
    expect(await unfold()).toEqual([
      expect.stringMatching(/^google\/gemini-3\.8-flash connection broke/),
      expect.stringMatching(/^google\/gemini-3\.8-flash connection broke/),
      expect.stringMatching(/^openai\/gpt-6-luna answered/),
    ]);
  });

  test('when it refuses the key', async () => {
    const { breakProviders, ask } = await open();
    await breakProviders({ google: 'key', openai: 'key' });
    await ask(sky);
    expect(await reportText()).toMatch(
      /^anthropic\/claude-sonnet-5-5 after google\/gemini-3\.8-flash and openai\/gpt-6-luna failed/,
    );
    const attempts = await unfold();
    expect(attempts[0]).toMatch(/key refused \(400\)/);
    expect(attempts[1]).toMatch(/key refused \(401\)/);
  });
});

describe('an answer that fails', () => {
  test('is shown as broken off where it broke off, and is whole after a retry, which adds to the cost', async () => {
    const { breakProviders, ask, page, total } = await open();
    await breakProviders({ google: 'cut-after' });
    const answer = await ask(sky);
    expect(await textOf()).toMatch(/^Sunlight/);
    expect(await textOf()).not.toMatch(skyEnds);
    expect(await answer.getByRole('status').innerText()).toContain('This answer broke off.');
    expect(await reportText()).toMatch(
      /^google\/gemini-3\.8-flash first words (?:\d+ ms|\d\.\d\d s) ≥ \$0\.000\d+$/,
    );
    await unfold();
    await chat.shoot('broken');
    const before = await total.innerText();
    expect(before).toMatch(/^≥ \$0\.000\d+$/);

    await breakProviders({});
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.answer[data-state="whole"]').waitFor();
    expect(await page.locator('.answer').count()).toBe(1);
    expect(await textOf()).toMatch(skyEnds);
    expect(Number((await total.innerText()).replace('≥ $', ''))).toBeGreaterThan(
      Number(before.replace('≥ $', '')),
    );
  });

  test('is shown as failed where nobody answers, with everybody who was asked, and can be tried again', async () => {
    const { breakProviders, ask, page, receive } = await open();
    await breakProviders({ google: 'down', openai: 'key', anthropic: 'cut-before' });
    const answer = await ask(sky);
    expect(await answer.getByRole('status').innerText()).toContain('Nobody could answer this just now.');
    expect((await unfold()).map(line => line.split(' ')[0])).toEqual([
      'google/gemini-3.8-flash',
      'google/gemini-3.8-flash',
      'openai/gpt-6-luna',
      'anthropic/claude-sonnet-5-5',
      'anthropic/claude-sonnet-5-5',
    ]);
    await chat.shoot('nobody');
    expect(await receive(sky)).toContain('"errorText":"An error occurred."');

    await breakProviders({});
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.answer[data-state="whole"]').waitFor();
    expect(await page.locator('.answer').count()).toBe(1);
    await ask('Thanks.');
    expect(await page.locator('.answer[data-state="whole"]').count()).toBe(2);
  });

  test('is shown as failed where the app itself does not answer', async () => {
    const { ask, page, complaints } = await open();
    await page.route('**/api/chat', route => route.fulfill({ status: 500, body: 'no' }));
    const answer = await ask(sky);
    expect(await answer.getByRole('status').innerText()).toContain('Nobody could answer');
    await page.unroute('**/api/chat');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.answer[data-state="whole"]').waitFor();
    expect(complaints).toEqual([expect.stringContaining('500')]);
    chat = { ...chat, complaints: [] };
  });
});

describe('a reader who stops', () => {
  const stopped = () => expect.poll(() => chat.provider('google').then(own => own?.latest));

  test('by the button stops the provider, and keeps what was written', async () => {
    const { send, page, total, provider } = await open();
    await send(sky);
    await page.locator('.answer[data-state="writing"]').waitFor();
    expect((await provider('google'))?.latest).toBe('open');
    await page.getByRole('button', { name: 'Stop' }).click();
    await stopped().toBe('closed-by-client');
    expect(await chat.answer.getByRole('status').innerText()).toContain('You stopped this answer.');
    expect(await textOf()).toMatch(/^Sunlight/);
    expect(await total.innerText()).toBe('cost not known');
    await chat.shoot('stopped');
  });

  test('by Escape, before the first word, stops the provider', async () => {
    const { send, page, breakProviders } = await open();
    await breakProviders({ google: 'slow' });
    await send(sky);
    await expect.poll(() => chat.provider('google').then(own => own?.latest)).toBe('open');
    await page.keyboard.press('Escape');
    await stopped().toBe('closed-by-client');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await chat.answer.getByRole('status').innerText()).toContain('You stopped before the first word.');
    await breakProviders({});
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.answer[data-state="whole"]').waitFor();
    expect(await chat.total.innerText()).toMatch(/^≥ \$/);
  });

  test('by closing the page stops the provider', async () => {
    const { send, page, provider } = await open();
    await send(sky);
    await page.locator('.answer[data-state="writing"]').waitFor();
    await page.goto('about:blank');
    await expect.poll(() => provider('google').then(own => own?.latest)).toBe('closed-by-client');
  });
});

describe('the page', () => {
  const axe = readFileSync(
    createRequire(import.meta.url).resolve('../browser/node_modules/axe-core/axe.min.js'),
    'utf8',
  );
  /** What a checker of accessibility finds, contrast included. */
  const violations = async (page: Page): Promise<unknown> => {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const { violations: found } = await Reflect.get(globalThis, 'axe').run();
      return found.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => [
        id,
        nodes.map(({ html }) => html),
      ]);
    });
  };
  const widthBeyond = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  test.each(['light', 'dark'] as const)('is legible, and every control has a name: %s', async colorScheme => {
    const { ask, page, breakProviders } = await open({ colorScheme });
    expect(await violations(page)).toEqual([]);
    await chat.shoot(`welcome-${colorScheme}`);
    await breakProviders({ google: 'down' });
    await ask('Write a debounce function in TypeScript.');
    await unfold();
    await breakProviders({ google: 'key', openai: 'key', anthropic: 'key' });
    await ask('And now?');
    await unfold();
    await page.locator('.resting').first().waitFor();
    expect(await violations(page)).toEqual([]);
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red = 0] = paper.match(/\d+/g)?.map(Number) ?? [];
    if (colorScheme === 'dark') expect(red).toBeLessThan(40);
    else expect(red).toBeGreaterThan(230);
    await chat.shoot(`conversation-${colorScheme}`);
  });

  test.each([320, 390, 768])('fits a screen of %d pixels, without scrolling sideways', async width => {
    const { ask, page, breakProviders } = await open({ viewport: { width, height: 720 }, hasTouch: true });
    expect(await widthBeyond(page)).toBe(0);
    const [box, send] = await Promise.all(
      ['.composer-box', '.composer .button'].map(own => page.locator(own).boundingBox()),
    );
    expect(Number(send?.x) + Number(send?.width)).toBeLessThan(Number(box?.x) + Number(box?.width));
    await chat.shoot(`welcome-${width}`);
    await breakProviders({ google: 'key', anthropic: 'key' });
    await ask('Write a debounce function in TypeScript.');
    await unfold();
    expect(await widthBeyond(page)).toBe(0);
    await ask('AVeryLongWordThatDoesNotFit'.repeat(8));
    expect(await widthBeyond(page)).toBe(0);
    await chat.shoot(`conversation-${width}`);
    const toggle = page.getByRole('button', { name: 'Break it' });
    expect(await toggle.getAttribute('aria-expanded')).toBe('false');
    await toggle.click();
    await page.getByLabel('Anthropic').selectOption('Is down');
    expect(await widthBeyond(page)).toBe(0);
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: `${import.meta.dirname}/screenshots/panel-${width}.png` });
  });

  test('is used by the keyboard alone', async () => {
    const { page, breakProviders } = await open();
    await breakProviders({ google: 'down' });
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
    for (let steps = 0; steps < 20 && (await focused()) !== 'question'; steps++)
      await page.keyboard.press('Tab');
    await page.keyboard.type('One line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('and another');
    expect(await page.locator('.question').count()).toBe(0);
    await page.keyboard.press('Enter');
    expect(await page.locator('.question').innerText()).toContain('One line\nand another');
    await page.locator('.answer[data-state="whole"]').waitFor();
    expect(await focused()).toBe('question');
    for (let steps = 0; steps < 3 && (await focused()) !== 'SUMMARY'; steps++)
      await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('SUMMARY');
    expect(
      await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
    ).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByText('overloaded (503)').first().waitFor();
  });

  test('moves nothing for a reader who asked for that', async () => {
    const { send, page } = await open({ reducedMotion: 'reduce' });
    await send(sky);
    await page.locator('.answer[data-state="waiting"]').waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await page.locator('.answer[data-state="writing"]').waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('breaks and repairs a provider by its panel', async () => {
    const { ask, page } = await open();
    await page.getByLabel('Google').selectOption('Is down');
    await page.locator('li[data-fault="down"]').waitFor();
    await ask(sky);
    expect(await reportText()).toMatch(/^openai/);
    await page.getByText(/gemini-3\.8-flash is left alone for \d+ s/).waitFor();
    await page.getByLabel('Google').selectOption('Works');
    await expect.poll(() => page.locator('.resting').count()).toBe(0);
  });

  test('is sent nothing of keys, addresses or texts of providers', async () => {
    const { breakProviders, receive } = await open();
    await breakProviders({ google: 'key', openai: 'down', anthropic: 'cut-after' });
    const text = `${await receive(sky)}\n${await receive(sky)}`;
    expect(text).toContain('"failureKind":"auth"');
    for (const secret of ['demo', '127.0.0.1', 'API key', 'invalid_api_key', 'http'])
      expect(text).not.toContain(secret);
  });
});

test.skipIf(process.env.NEXT_CHAT_URL !== undefined)(
  'a route on the edge runtime falls back and knows its cost',
  async () => {
    await open();
    const messages = [{ id: '1', role: 'user', parts: [{ type: 'text', text: 'Hello?' }] }];
    const response = await fetch(`${url}/api/edge`, { method: 'POST', body: JSON.stringify({ messages }) });
    const text = await response.text();
    expect(text).toContain('"delta":"second."');
    expect(text).toContain('"outcome":"success","candidate":"second"');
    expect(text).toContain('"cost":{"status":"priced","usd":0.000016,"usdExact":"0.000016"');
  },
);

test.skipIf(process.env.NEXT_CHAT_URL !== undefined)(
  'the app logs what failed, without a question, a key or a text of a provider',
  async () => {
    const { ask, breakProviders } = await open();
    await breakProviders({ google: 'key', openai: 'key', anthropic: 'key' });
    await ask('A question that nobody else may read.');
    const log = readFileSync(inject('appLog'), 'utf8');
    expect(log).toContain('RouteExhaustedError: No answer for task "quick"');
    expect(log).toContain('- openai/gpt-6-luna: auth (401 invalid_api_key)');
    for (const secret of ['A question', 'API key', 'demo.invalid', 'Authorization'])
      expect(log).not.toContain(secret);
  },
);
