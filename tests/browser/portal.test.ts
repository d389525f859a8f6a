import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../portal/graphiql/examples.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { person, wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, screenshot, signIn, type Watched, watchedPage } from './browser.ts';

let server: ServerFacts;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
});
afterAll(() => browser.close());

/** Runs in a fresh browser profile, and holds afterwards that nothing went wrong and nothing left the server. */
async function inBrowser(work: (watched: Watched) => Promise<void>, expected: RegExp[] = []): Promise<void> {
  const watched = await watchedPage(browser);
  try {
    await work(watched);
    expect(watched.problems.filter((problem) => !expected.some((one) => one.test(problem)))).toEqual([]);
    expect(watched.requests.filter((url) => new URL(url).origin !== server.url)).toEqual([]);
  } catch (error) {
    await screenshot(watched.page, `failed-${expect.getState().currentTestName?.replace(/\W+/g, '-')}`);
    throw error;
  } finally {
    await watched.close();
  }
}

async function axe(watched: Watched): Promise<void> {
  const { violations } = await new AxeBuilder({ page: watched.page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

describe('the landing page', () => {
  it('says that the study is synthetic and which release there is, and can be used by everybody', () =>
    inBrowser(async (watched) => {
      const { page } = watched;
      await page.goto(server.url);
      await page.getByText('Release 1.0.0 is published').waitFor();
      expect(await page.getByText('The study shown here is synthetic').isVisible()).toBe(true);
      await page.getByRole('link', { name: 'Sign in' }).waitFor();
      await screenshot(page, 'landing');
      await axe(watched);
    }));
});

describe('signing in', () => {
  it('works with the keyboard alone', () =>
    inBrowser(async ({ page }) => {
      await page.goto(server.url);
      await page.getByRole('link', { name: 'Sign in' }).waitFor();
      for (let tabs = 0; tabs < 30 && (await focused(page)) !== 'Sign in'; tabs++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/realms/);
      await page.locator('input:focus').waitFor();
      await page.keyboard.type('researcher');
      await page.keyboard.press('Tab');
      await page.keyboard.type('demo');
      await page.keyboard.press('Enter');
      await page.getByText('Signed in as').waitFor();
    }));

  it('ends with signing out, on the landing page', () =>
    inBrowser(async ({ page }) => {
      await signIn(page, server.url, 'researcher');
      await page.getByText('Signed in as Researcher Demo').waitFor();
      expect(await page.getByRole('link', { name: 'Sign in' }).isVisible()).toBe(false);
      await screenshot(page, 'landing-signed-in');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('link', { name: 'Sign in' }).waitFor();
      await page.goto(`${server.url}/graphiql`);
      await page.getByLabel(/password/i).waitFor();
    }));

  it('says that one is still signed in where the server did not end it', () =>
    inBrowser(
      async ({ page }) => {
        await signIn(page, server.url, 'researcher');
        await page.route('**/auth/logout', (route) => route.fulfill({ status: 503 }));
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('alert').getByText('You are still signed in').waitFor();
        await page.unroute('**/auth/logout');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('link', { name: 'Sign in' }).waitFor();
      },
      [/503/],
    ));

  it('asks again for a page that the browser had kept, as after signing out and going back', () =>
    inBrowser(async ({ page }) => {
      await signIn(page, server.url, 'researcher');
      await page.getByText('Signed in as Researcher Demo').waitFor();
      // Chromium keeps no page while it is driven; this is what it tells one that it kept.
      const [asked] = await Promise.all([
        page.waitForRequest((request) => request.isNavigationRequest()),
        page.evaluate(
          () => void setTimeout(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })), 0),
        ),
      ]);
      expect(asked.url()).toBe(page.url());
      await page.getByText('Signed in as Researcher Demo').waitFor();
    }));

  it('asks on a page that everybody can use', () =>
    inBrowser(async (watched) => {
      await watched.page.goto(`${server.url}/auth/login`);
      await watched.page.getByLabel(/password/i).waitFor();
      await screenshot(watched.page, 'login');
      await axe(watched);
    }));

  it('tells what is wrong with a wrong password, and can be used then too', () =>
    inBrowser(
      async (watched) => {
        const { page } = watched;
        await page.goto(`${server.url}/auth/login`);
        await page.getByLabel(/user ?name/i).fill('researcher');
        await page.getByLabel(/password/i).fill('wrong');
        await page.getByRole('button', { name: /sign in/i }).click();
        await page.getByRole('alert').waitFor();
        await screenshot(page, 'login-refused');
        await axe(watched);
      },
      [/status of 401 .*\/realms\/iss\/login\//],
    ));

  it('of a device has pages that everybody can use', () =>
    inBrowser(async (watched) => {
      const { page } = watched;
      const config = (await (await fetch(`${server.url}/auth/config`)).json()) as { issuer: string; clientId: string };
      const asked = await fetch(`${config.issuer}/protocol/openid-connect/auth/device`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: config.clientId, scope: 'openid' }),
      });
      const device = (await asked.json()) as { verification_uri: string; verification_uri_complete: string };
      await page.goto(device.verification_uri);
      await screenshot(page, 'device-code');
      await axe(watched);
      await page.goto(device.verification_uri_complete);
      await screenshot(page, 'device-confirm');
      await axe(watched);
    }));
});

describe('the query editor', () => {
  it('opens after sign-in, asks nobody but the server, and answers an example', () =>
    inBrowser(async (watched) => {
      const { page } = watched;
      await signIn(page, server.url, 'researcher', '/graphiql');
      await page.getByText('ISS data access · query editor').waitFor();
      await runExample(page, 'Patients', 'totalCount');
      await screenshot(page, 'graphiql-patients');
      expect(await page.getByRole('tab').count()).toBeGreaterThanOrEqual(EXAMPLES.length);
    }));

  it('shows somebody without access what is missing', () =>
    inBrowser(async ({ page }) => {
      await signIn(page, server.url, 'auditor', '/graphiql');
      await runExample(page, 'Patients', 'NO_GRANT');
      await screenshot(page, 'graphiql-refused');
    }));
});

describe('a released video', () => {
  it('plays in a page of the server for who may see it', () =>
    inBrowser(async ({ page }) => {
      const { data } = await (await person(server, 'researcher-3')).ask<{
        release: { patient: { submissions: { nodes: { video: { url: string; bytes: number } }[] } } };
      }>('{ release { patient(code: "9004") { submissions(first: 1) { nodes { video { url bytes } } } } } }');
      await signIn(page, server.url, 'researcher-3');
      const seen = await page.evaluate(async (url) => {
        const video = document.createElement('video');
        video.muted = true;
        video.src = url;
        (document.querySelector('main') ?? document.body).append(video);
        await video.play();
        await new Promise<void>((done) => {
          video.addEventListener('timeupdate', () => video.currentTime > 0.5 && done());
        });
        return { width: video.videoWidth, height: video.videoHeight, at: video.currentTime, length: video.duration };
      }, data.release.patient.submissions.nodes[0]!.video.url);
      await screenshot(page, 'video');
      expect(seen).toMatchObject({ width: 240, height: 320 });
      expect(seen.at).toBeGreaterThan(0.5);
      expect(seen.length).toBeGreaterThan(1.5);
    }));
});

/** Opens the tab of an example once the editor stands, waits until its text stands in the editor, runs it, and waits for a text of the answer. */
async function runExample(page: Watched['page'], name: string, answer: string): Promise<void> {
  const text = page.locator('.graphiql-query-editor .view-lines');
  await text.getByText(`query ${EXAMPLES[0]!.name} {`).waitFor();
  await page.getByRole('tab', { name }).click();
  await text.getByText(`query ${name} {`).waitFor();
  await page.getByRole('button', { name: /execute query/i }).click();
  await page.locator('.graphiql-response').getByText(answer).first().waitFor();
}

const focused = (page: Watched['page']): Promise<string> =>
  page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
