import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's own browser; CHROMIUM names another. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // --no-sandbox: the tests run as root in containers. No field trials, no updates, no first-run pages: nothing but what the page asks for.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--no-first-run',
    ],
  });

/** A page that writes down everything it asks for and everything that went wrong in it. */
export interface Watched {
  context: BrowserContext;
  page: Page;
  /** Every address that was asked for, data: and blob: left out. */
  requests: string[];
  /** Violations of the Content-Security-Policy, uncaught errors, errors on the console. */
  problems: string[];
  close(): Promise<void>;
}

export async function watchedPage(browser: Browser): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const problems: string[] = [];
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) requests.push(request.url());
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text()))
      problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return { context, page, requests, problems, close: () => context.close() };
}

/** Signs in through the login page, as a person does, and ends where the sign-in was asked to return to. */
export async function signIn(page: Page, server: string, username: string, returnTo = '/'): Promise<void> {
  await page.goto(`${server}/auth/login?return=${encodeURIComponent(returnTo)}`);
  await page.getByLabel(/user ?name/i).fill(username);
  await page.getByLabel(/password/i).fill('demo');
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL((url) => url.origin === server && url.pathname === returnTo);
}

/** Nothing of the page is on its way any more. However many skeletons there are: a locator that waits may mean only one. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('.portal-skeleton') === null);
}

/** A picture of the page for a person to look at, where SCREENSHOTS names a folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
