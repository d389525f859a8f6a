import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, loaded, signIn } from '../browser/browser.ts';
import { CHECKOUT, startServerProcess } from '../support/started-server.ts';

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

const TIMES = 5;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * The portal on loopback, in Debian's Chromium, each first load in a profile of its own (nothing cached): bytes of script as they are sent and gzipped, when the page can be
 * used (its heading stands and its script has run), and from one page to the next. On a kept server (`ISS_BENCH_PORTAL=http://localhost:4000`) or one of its own.
 */
export async function benchPortal(): Promise<readonly Figure[]> {
  const kept = process.env.ISS_BENCH_PORTAL;
  if (!kept) await build();
  const folder = await mkdtemp(join(tmpdir(), 'iss-bench-portal-'));
  const server = kept ? undefined : await startServerProcess({ dataDirectory: join(folder, 'data') });
  const browser = await launchBrowser();
  try {
    const url = kept ?? server!.url;
    return [
      ...(await firstPage(browser, url, '/')),
      ...(await firstPage(browser, url, '/results')),
      ...(await steps(browser, url, null, VISITOR)),
      ...(await steps(browser, url, 'researcher-3', RESEARCHER)),
    ];
  } finally {
    await browser.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(): Promise<void> {
  const [code] = await once(spawn('node', ['portal/build.mjs'], { cwd: CHECKOUT, stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`the portal was not built: ${code}`);
}

async function firstPage(browser: Browser, url: string, path: string): Promise<Figure[]> {
  const seen: { gzip: number; fonts: number; interactive: number; usable: number }[] = [];
  for (let time = 0; time < TIMES; time++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const scripts: Promise<number>[] = [];
    let fonts = 0;
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.body().then((body) => gzipSync(body).length));
      if (/\.woff2?$/.test(response.url())) fonts += 1;
    });
    await page.goto(url + path);
    await settled(page);
    const usable = await page.evaluate(() => performance.now());
    const interactive = await page.evaluate(
      () => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).domInteractive,
    );
    await page.waitForLoadState('networkidle');
    const gzip = (await Promise.all(scripts)).reduce((sum, one) => sum + one, 0);
    seen.push({ gzip, fonts, interactive, usable });
    await context.close();
  }
  const figure = (what: string, unit: string, value: number): Figure => ({ what: `${path}: ${what}`, unit, value });
  return [
    figure('script, gzip', 'kB', median(seen.map(({ gzip }) => gzip)) / 1000),
    figure('font files asked for', 'files', median(seen.map(({ fonts }) => fonts))),
    figure('DOM interactive', 'ms', median(seen.map(({ interactive }) => interactive))),
    figure('can be used: heading and data stand', 'ms', median(seen.map(({ usable }) => usable))),
  ];
}

const settled = async (page: Page): Promise<void> => {
  await page.locator('.portal-page h1').waitFor();
  await loaded(page);
};

const VISITOR = ['What is in it', 'Approved uses', 'How to ask', 'Data dictionary', 'The study'];
const RESEARCHER = ['Where you stand', 'Patients', 'Folds', 'Baseline runs', 'Exports'];

/** From a click in the menu until the next page's heading and data stand; every page was seen once before, as by somebody at work. */
async function steps(
  browser: Browser,
  url: string,
  username: string | null,
  names: readonly string[],
): Promise<Figure[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  if (username) await signIn(page, url, username, '/register');
  else await page.goto(`${url}/register`);
  await settled(page);
  const taken = new Map<string, number[]>();
  for (let time = 0; time <= TIMES; time++)
    for (const name of names) {
      const ms = await page.evaluate(async (label) => {
        const link = [...document.querySelectorAll<HTMLElement>('.portal-nav a')].find(
          (one) => one.textContent === label,
        )!;
        const before = document.querySelector('h1');
        const began = performance.now();
        link.click();
        while (
          document.querySelector('.portal-page h1') === before ||
          !document.querySelector('.portal-page h1') ||
          document.querySelector('.portal-skeleton')
        ) {
          if (performance.now() - began > 20_000) break;
          await new Promise((done) => requestAnimationFrame(done));
        }
        return performance.now() - began;
      }, name);
      if (time > 0) taken.set(name, [...(taken.get(name) ?? []), ms]);
    }
  await context.close();
  return names.map((name) => ({
    what: `to “${name}”${username ? ', signed in' : ''}`,
    unit: 'ms',
    value: median(taken.get(name)!),
  }));
}
