import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/support/eventually.ts';
import { give } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { type Person, wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, loaded, screenshot, watchedPage } from './browser.ts';
import { axe, bothWidths, type Staff, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  // The player asks once more for a recording that was taken away.
  await staff.end(/status of 403 .*\/files\//);
  await browser.close();
});

async function theSubmission(): Promise<string> {
  const { data } = await (await staff.api('researcher-3')).ask<{
    release: { patient: { submissions: { nodes: { timestamp: string }[] } } };
  }>('{ release { patient(code: "9004") { submissions(first: 1) { nodes { timestamp } } } } }');
  return `/data/patients/9004/${data.release.patient.submissions.nodes[0]!.timestamp}`;
}

describe('a recording', () => {
  it('stops and goes when access is taken away while it plays, says why, and comes back with access', async () => {
    const [reader, steward] = await Promise.all([staff.api('researcher-3'), staff.api('steward')]);
    const { data } = await reader.ask<{ viewer: { requests: { id: string; state: string }[] } }>(
      '{ viewer { requests { id state } } }',
    );
    const requestId = data.viewer.requests.find(({ state }) => state === 'APPROVED')!.id;
    const page = await staff.open('researcher-3', await theSubmission());
    await page.getByText('468 landmarks are drawn').waitFor();
    const address = await page.locator('video').getAttribute('src');
    await page.locator('video').evaluate(async (film: HTMLVideoElement) => {
      film.muted = true;
      film.loop = true;
      await film.play();
    });
    await page.waitForFunction(() => document.querySelector('video')!.currentTime > 0.2);
    await give(steward, 'suspendGrant', { requestId, reason: 'A test looks whether it stops.' });
    try {
      await page.getByText('Your grant is suspended').first().waitFor();
      expect(await page.locator('main video, main canvas, main img').count()).toBe(0);
      await axe(page);
      await screenshot(page, 'recording-access-ended');
      // Nothing of it is left to be had: not from the server, not from the browser's own keeping.
      expect(await page.evaluate(async (url) => (await fetch(url, { cache: 'force-cache' })).status, address!)).toBe(
        403,
      );
      expect(await page.evaluate(async () => (await caches.keys()).length)).toBe(0);
      await page.reload();
      await page.getByText('Your grant is suspended').first().waitFor();
    } finally {
      await give(steward, 'resumeGrant', { requestId });
    }
    await page.reload();
    await page.getByText('468 landmarks are drawn').waitFor();
  });
});

describe('patients', () => {
  it('are filtered by the address, which back, forward and another tab understand', async () => {
    const page = await staff.open('researcher-3', '/data/patients');
    const count = (): Promise<string> => page.locator('main output', { hasText: 'patients of release' }).innerText();
    const all = await count();
    await page.getByLabel('Sex').selectOption('F');
    await page.waitForURL(/sex=F/);
    await page.waitForFunction((before) => {
      const now = document.querySelector('main output:not(.portal-skeleton)')?.textContent;
      return now !== undefined && now !== before;
    }, all);
    const women = await count();
    await page.getByLabel('Fold', { exact: true }).selectOption('10');
    await page.waitForURL(/split=10/);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByLabel('Sex').waitFor();
    expect(await other.getByLabel('Sex').inputValue()).toBe('F');
    // Exactly: “9 patients” stand in “29 patients”, too.
    const says = (text: string): Promise<void> => page.getByText(text, { exact: true }).waitFor();
    await page.goBack();
    await says(women);
    await page.goBack();
    await says(all);
    await page.goForward();
    await says(women);
  });
});

describe('runs', () => {
  const done = async (who: Person, seed: number): Promise<string> => {
    const input = { experiment: 'random-forest-pain', classes: 2, preset: 'smoke', seed };
    const { run } = (await give(who, 'runBaseline', input, 'run { id }')) as unknown as { run: { id: string } };
    await eventually(
      async () =>
        (await who.ask<{ run: { state: string } }>('query ($id: ID!) { run(id: $id) { state } }', { id: run.id })).data
          .run.state,
      (state) => state === 'SUCCEEDED',
      100,
    );
    return run.id;
  };

  it('are begun, followed to their result, and compared by an address that can be kept', async () => {
    const who = await staff.api('researcher-3');
    const page = await staff.open('researcher-3', '/runs');
    await page.getByLabel('Experiment').selectOption({ label: 'Random Forest Pain' });
    await page.getByLabel('Preset').selectOption('smoke');
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.waitForURL(/runs\/.+/);
    await page.getByRole('heading', { name: /Result:/ }).waitFor({ timeout: 100_000 });
    await page.getByText('Accuracy by skin type').first().waitFor();
    await bothWidths(page, 'run-result');
    await done(who, 11);
    await page.goto(`${server.url}/runs`);
    const boxes = page.getByRole('checkbox', { name: /Compare random-forest-pain/ });
    await boxes.first().waitFor();
    // They stand as the address says, which is a moment after the click.
    await boxes.nth(0).click();
    await page.getByText('Choose one more').waitFor();
    await boxes.nth(1).click();
    await page.getByText('What is compared').first().waitFor();
    await bothWidths(page, 'runs-compared');
    await page.reload();
    await page.getByText('What is compared').first().waitFor();
  });
});

describe('every page', () => {
  const OPEN = ['/', '/modalities', '/samples', '/results', '/limits', '/dictionary', '/ask', '/register', '/nowhere'];
  const OWN = [
    '/me',
    '/requests',
    '/certificates',
    '/incidents',
    '/data/patients',
    '/data/folds',
    '/runs',
    '/exports',
    '/tokens',
    '/data/log',
  ];

  const settled = async (page: Page): Promise<void> => {
    await page.locator('.portal-page h1').waitFor();
    await loaded(page);
  };

  it('fits 320 px, which is 200 % zoom of 640, and keeps to the colours that the system asks for', async () => {
    const page = await staff.open('researcher-3', '/me');
    await page.setViewportSize({ width: 320, height: 640 });
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    // A wrong address is a 404, which the console tells too: it is looked at in a browser that nobody watches.
    for (const path of [...OPEN.slice(0, -1), ...OWN, await theSubmission()]) {
      await page.goto(server.url + path);
      await settled(page);
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 320]);
      if (['/me', '/exports', '/results', '/data/folds'].includes(path)) await axe(page);
      await screenshot(page, `dark-320${path.replace(/\W+/g, '-')}`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
    await page.goto(`${server.url}/me`);
    await settled(page);
    await axe(page);
    await screenshot(page, 'high-contrast-me');
    await page.emulateMedia({ forcedColors: 'none', media: 'print' });
    await page.goto(`${server.url}/results`);
    await settled(page);
    expect(await page.locator('.portal-nav').isVisible()).toBe(false);
    await screenshot(page, 'print-results');
    // On paper no row is torn in two, and nothing is pressed.
    const torn = await page
      .locator('main tr')
      .first()
      .evaluate((row) => getComputedStyle(row).breakInside);
    expect(torn).toBe('avoid');
    await page.goto(`${server.url}/requests`);
    await settled(page);
    expect(await page.locator('main .usa-button').count()).toBeGreaterThan(0);
    expect(await page.locator('main .usa-button:visible').count()).toBe(0);
  });

  it('says that it is coming (without moving, where the system asks for less of it), that it failed, that the server is away, and that there is none', async () => {
    const { page, context } = await watchedPage(browser);
    let answer: 'later' | 'failed' = 'later';
    await page.route('**/graphql', async (route) => {
      // What is asked before is never answered.
      if (route.request().postDataJSON().documentId === undefined || answer === 'failed')
        return route.fulfill({ status: 500, json: { errors: [{ message: 'Something went wrong.' }] } });
    });
    await page.goto(`${server.url}/register`);
    const moves = () =>
      page
        .locator('.portal-skeleton span')
        .first()
        .evaluate((line) => getComputedStyle(line).animationName);
    await page.locator('.portal-skeleton').first().waitFor();
    expect(await moves()).toBe('portal-wait');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moves()).toBe('none');
    await page.emulateMedia({ reducedMotion: null });
    await axe(page);
    answer = 'failed';
    await page.reload();
    await page.getByText('This could not be loaded').waitFor();
    await axe(page);
    await screenshot(page, 'state-failed');
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page
      .getByText(/approved\.|No use is approved/)
      .first()
      .waitFor();
    await context.setOffline(true);
    await page.getByRole('link', { name: 'How to ask', exact: true }).first().click();
    await page
      .getByText(/You are offline|could not be shown/)
      .first()
      .waitFor();
    await axe(page);
    await screenshot(page, 'state-offline');
    await context.setOffline(false);
    const response = await page.goto(`${server.url}/nowhere`);
    expect(response!.status()).toBe(404);
    await page.getByText('There is no such page').waitFor();
    await axe(page);
    await context.close();
  });
});
