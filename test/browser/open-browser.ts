import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

export type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** What a Chromium needs to run without a screen, as root, and without asking the network for anything of its own. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium that `.ci/chromium` finds or installs; whoever calls closes it. */
export function openBrowser(): Promise<Browser> {
  const script = fileURLToPath(new URL('../../.ci/chromium', import.meta.url));
  const executablePath = execFileSync(script, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return chromium.launch({ executablePath, args });
}
