import path from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from '../browser/open-browser.ts';

/** The faults of the app's panel. */
type Fault = 'none' | 'down' | 'slow' | 'cut-before' | 'cut-after' | 'key';

const providers = ['google', 'anthropic', 'openai'] as const;
type Provider = (typeof providers)[number];

/** What the app's own endpoint says of a provider. */
type ProviderState = { readonly provider: string; readonly requests: number; readonly latest?: string };

/** A page with the chat open, and what one does on it. */
export type ChatPage = {
  readonly page: Page;
  /** Sets what is wrong, by the app's endpoint; what is not named works. */
  readonly breakProviders: (faults: Partial<Record<Provider, Fault>>) => Promise<void>;
  readonly provider: (name: Provider) => Promise<ProviderState | undefined>;
  /** Sends a question by the keyboard, and waits for nothing. */
  readonly send: (text: string) => Promise<void>;
  /** Sends a question, and gives its answer when that has ended. */
  readonly ask: (text: string) => Promise<Locator>;
  /** The latest answer. */
  readonly answer: Locator;
  /** The line about the latest answer, which unfolds. */
  readonly report: Locator;
  readonly total: Locator;
  /** Asks the route handler without the page, and gives all that it sends: of an answer that fails, a browser keeps no body. */
  readonly receive: (text: string) => Promise<string>;
  /** What the browser complained of. */
  readonly complaints: ReadonlyArray<string>;
  readonly shoot: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens the chat in a browser of its own settings, with every provider repaired. */
export async function openChat({
  browser,
  url,
  ...options
}: { readonly browser: Browser; readonly url: string } & BrowserContextOptions): Promise<ChatPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(error.message));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  const breakProviders: ChatPage['breakProviders'] = async faults => {
    for (const provider of providers)
      await page.request.post(`${url}/api/demo`, { data: { provider, fault: faults[provider] ?? 'none' } });
  };
  await breakProviders({});
  await page.goto(url);
  const send = async (text: string) => {
    await page.getByLabel('Your question').fill(text);
    await page.keyboard.press('Enter');
  };
  const answer = page.locator('.answer').last();
  return {
    page,
    breakProviders,
    provider: async name => {
      const states: ReadonlyArray<ProviderState> = await (await page.request.get(`${url}/api/demo`)).json();
      return states.find(({ provider }) => provider === name);
    },
    send,
    ask: async text => {
      const before = await page.locator('.question').count();
      await send(text);
      await page.locator('.question').nth(before).waitFor();
      await page.getByRole('button', { name: 'Send' }).waitFor({ timeout: 30_000 });
      return answer;
    },
    answer,
    report: answer.locator('summary'),
    total: page.locator('.total strong'),
    receive: async text => {
      const messages = [{ id: '1', role: 'user', parts: [{ type: 'text', text }] }];
      return (await page.request.post(`${url}/api/chat`, { data: { id: 'direct', messages } })).text();
    },
    complaints,
    shoot: async name => {
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await page.screenshot({ path: path.join(import.meta.dirname, 'screenshots', `${name}.png`) });
    },
    close: () => context.close(),
  };
}
