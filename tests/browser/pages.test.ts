import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, loaded, screenshot, signIn, type Watched, watchedPage } from './browser.ts';

let server: ServerFacts;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
});
afterAll(() => browser.close());

/** Opens pages one after the other at both widths: axe finds nothing, nothing runs over the side, nothing goes wrong. */
async function everyPage(watched: Watched, paths: readonly (readonly [path: string, ready: string])[]): Promise<void> {
  const { page, problems } = watched;
  for (const [path, ready] of paths)
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(server.url + path);
      await page.locator('main').getByText(ready).first().waitFor();
      await loaded(page);
      await screenshot(page, `page${path.replace(/\W+/g, '-')}-${width}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect([path, width, violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])]).toEqual([
        path,
        width,
        [],
      ]);
      expect([path, width, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([
        path,
        width,
        width,
      ]);
    }
  expect(problems).toEqual([]);
}

async function as(username: string | null, work: (watched: Watched) => Promise<void>): Promise<void> {
  const watched = await watchedPage(browser);
  try {
    if (username !== null) await signIn(watched.page, server.url, username, '/register');
    await work(watched);
    expect(watched.requests.filter((url) => new URL(url).origin !== server.url)).toEqual([]);
  } catch (error) {
    await screenshot(watched.page, `failed-${expect.getState().currentTestName?.replace(/\W+/g, '-')}`);
    throw error;
  } finally {
    await watched.close();
  }
}

describe('pages for everybody', () => {
  it('can be used by everybody, wide and narrow', { timeout: 400_000 }, () =>
    as(null, (watched) =>
      everyPage(watched, [
        ['/', 'Safe counts'],
        ['/modalities', 'accepted courses'],
        ['/samples', 'iss pull --sample'],
        ['/results', 'errata are known'],
        ['/limits', 'How pain shows in it'],
        ['/dictionary', 'painTarget'],
        ['/ask', 'Begin a request'],
        ['/register', 'Register of approved uses'],
        ['/me', 'Sign in to see this'],
        ['/requests/nowhere', 'Sign in to see this'],
        ['/steward/nowhere', 'There is no such page'],
      ]),
    ),
  );

  it('are printed without what is for a screen alone, with what is folded away unfolded, and folded again after', () =>
    as(null, async ({ page }) => {
      await page.goto(server.url);
      await page.getByText('Safe counts').waitFor();
      const folded = page.locator('main details:not([open])');
      const before = await folded.count();
      expect(before).toBeGreaterThan(3);
      await page.evaluate(() =>
        addEventListener('beforeprint', () => {
          document.body.dataset.folded = String(document.querySelectorAll('main details:not([open])').length);
        }),
      );
      await page.pdf();
      expect(await page.locator('body').getAttribute('data-folded')).toBe('0');
      expect(await folded.count()).toBe(before);
      await page.emulateMedia({ media: 'print' });
      for (const only of ['.portal-header', '.portal-nav', '.portal-footer', '.portal-buttons'])
        expect([only, await page.locator(only).first().isVisible()]).toEqual([only, false]);
      expect(await page.getByText('Safe counts').isVisible()).toBe(true);
    }));

  it('come to the page with less than 200 kB of script', () =>
    as(null, async ({ page }) => {
      const sizes: Promise<number>[] = [];
      page.on('response', (response) => {
        if (response.url().endsWith('.js')) sizes.push(response.body().then(async (body) => (await gzip(body)).length));
      });
      await page.goto(server.url);
      await page.getByText('Safe counts').waitFor();
      const total = (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0);
      expect(total).toBeGreaterThan(20_000);
      expect(total).toBeLessThan(200_000);
    }));
});

describe('pages of a researcher', () => {
  // An auditor never has access, whatever other tests grant to researchers.
  it('without access say what is missing, and can be used by everybody', () =>
    as('auditor', (watched) =>
      everyPage(watched, [
        ['/me', 'Nothing is open to you yet'],
        ['/requests', 'Begin a new request'],
        ['/certificates', 'Hand in a certificate'],
        ['/data/folds', 'This is not open to you now'],
        ['/runs', 'You have no grant in force'],
        ['/data/log', 'You have no grant'],
        ['/incidents', 'What you have reported'],
        ['/exports', 'You have no grant in force'],
      ]),
    ));

  it('with access can be used by everybody', () =>
    as('researcher-3', (watched) =>
      everyPage(watched, [
        ['/me', 'You may:'],
        ['/data/patients?painLevel=NONE', 'patients of release'],
        ['/data/patients/9004', 'Submissions'],
        ['/data/folds', 'none is in the train and the test part'],
        ['/runs', 'Run it'],
        ['/exports', 'Ask for the export'],
        ['/tokens', 'Make the token'],
        ['/data/log', 'the newest first'],
        ['/incidents', 'Under which grant'],
      ]),
    ));

  it('show a recording with its landmarks in step', () =>
    as('researcher-3', async ({ page, problems }) => {
      await page.goto(`${server.url}/data/patients/9004`);
      await page.locator('tbody a').first().click();
      await page.getByText('468 landmarks are drawn').waitFor();
      const drawn = await page.evaluate(async () => {
        const film = document.querySelector('video')!;
        film.muted = true;
        await film.play();
        await new Promise<void>((done) => {
          film.addEventListener('timeupdate', () => film.currentTime > 0.3 && done());
        });
        film.pause();
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const { width, height } = document.querySelector('canvas')!;
        const { data } = document.querySelector('canvas')!.getContext('2d')!.getImageData(0, 0, width, height);
        return data.filter((value, at) => at % 4 === 3 && value > 0).length;
      });
      expect(drawn).toBeGreaterThan(200);
      await screenshot(page, 'submission');
      expect(problems).toEqual([]);
    }));
});

describe('a request', () => {
  it('from nothing to a complete form survives a reload, and goes in once everything is there', () =>
    as('researcher-2', async ({ page, problems }) => {
      await page.goto(`${server.url}/requests`);
      await page.getByRole('button', { name: 'Begin a new request' }).click();
      await page.waitForURL(/requests\/.+/);
      await page.getByLabel('Title').fill('Pain & <script>alert(1)</script> from faces');
      await page
        .getByLabel(/in plain words/)
        .fill('We want to find out whether a phone can help people to tell how much pain they have.');
      await page.getByText('Everything is saved.').waitFor();
      await page.reload();
      expect(await page.getByLabel('Title').inputValue()).toBe('Pain & <script>alert(1)</script> from faces');
      await fillRest(page);
      await page.getByText('The form is complete.').waitFor();
      await page.getByText('Everything is saved.').waitFor();
      await page.getByText('Read it:').click();
      await page.getByLabel(/Sign by typing your name/).fill('Second Researcher Demo');
      await page.getByRole('button', { name: 'Sign the agreement' }).click();
      await page.getByText(/signed version/).waitFor();
      await screenshot(page, 'request-signed');
      await page.getByRole('button', { name: 'Send the request in' }).click();
      await page.locator('.portal-state').getByText('submitted').waitFor();
      await screenshot(page, 'request-submitted');
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.getByRole('button', { name: 'Take it back' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
      await page.locator('.portal-state').getByText('withdrawn').waitFor();
      expect(problems).toEqual([]);
    }));
});

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');

async function fillRest(page: Page): Promise<void> {
  await page
    .getByLabel(/research in detail/)
    .fill(
      'A model of facial movement is trained on the landmarks of each frame and tested on patients it has never seen.',
    );
  await page.getByLabel('Your position').fill('Senior scientist');
  await page
    .locator('label')
    .filter({ hasText: /^Labels/ })
    .click();
  await page.getByText('Look at and query (in this portal').click();
  await page.getByLabel('Why you need labels').fill('They are what the model is to predict.');
  await page.getByText(/health, medical or biomedical/).click();
  await page.getByLabel(/kept safe/).fill('An encrypted server of the university that two named people can reach.');
  await page.getByText(/I attest that this plan/).click();
  await page.getByLabel('Number of your ethics approval').fill('IRB-2026-17');
  await page
    .getByLabel('The approval document')
    .setInputFiles({ name: 'approval.pdf', mimeType: 'application/pdf', buffer: PDF });
  await page.getByText('approval.pdf is here.').waitFor();
  const forbidden = page.getByRole('group', { name: 'Uses that the study forbids' });
  for (const label of await forbidden.locator('label').all()) await label.click();
}

async function gzip(body: Buffer): Promise<Buffer> {
  const { gzipSync } = await import('node:zlib');
  return gzipSync(body);
}

describe('the portal’s session', () => {
  it('is answered named operations alone', () =>
    as('researcher', async ({ page }) => {
      await page.goto(server.url);
      const code = await page.evaluate(async () => {
        const response = await fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'X-ISS-CSRF': '1' },
          body: JSON.stringify({ query: '{ viewer { roles } }' }),
        });
        return ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]!.extensions.code;
      });
      expect(code).toBe('PERSISTED_OPERATION_NEEDED');
    }));
});
