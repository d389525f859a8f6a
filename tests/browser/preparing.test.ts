import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StartedServer, startServerProcess } from '../support/started-server.ts';
import { launchBrowser, loaded, signIn, watchedPage } from './browser.ts';
import { bothWidths } from './staff.ts';

let folder: string;
let server: StartedServer;
let browser: Browser;
// A server of its own, at its first start: it answers long before its study is made, and is ended before that.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iss-first-start-'));
  [server, browser] = await Promise.all([
    startServerProcess({ dataDirectory: join(folder, 'data'), unprepared: true }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the portal, while the study of the demo is being made', () => {
  it('says so, how far it is, and shows what there is already', async () => {
    const { page, problems, context } = await watchedPage(browser);
    await page.goto(server.url);
    const making = page.locator('.portal-card', { hasText: 'The study is being made' });
    await making.waitFor();
    expect(await page.getByText('No release is published yet').count()).toBe(0);
    await bothWidths(page, 'preparing-study');
    // It goes on by itself: nobody has to load the page again.
    const far = making.locator('progress');
    await far.waitFor();
    const before = await far.getAttribute('value');
    await page.waitForFunction((then) => document.querySelector('progress')?.getAttribute('value') !== then, before);
    // Nor where one answer does not come.
    let cut = 0;
    await page.route(
      '**/graphql',
      (route) => {
        cut += 1;
        return route.abort();
      },
      { times: 1 },
    );
    await page.waitForEvent('requestfailed');
    const then = await far.getAttribute('value');
    await page.waitForFunction((value) => document.querySelector('progress')?.getAttribute('value') !== value, then);
    expect([cut, problems.splice(0).filter((problem) => !problem.includes('/graphql'))]).toEqual([1, []]);
    for (const [path, ready] of [
      ['/modalities', 'accepted courses'],
      ['/samples', 'iss pull --sample'],
      ['/results', 'errata are known'],
      ['/limits', 'Where the data misleads'],
      ['/dictionary', 'painTarget'],
      ['/ask', 'Begin a request'],
      ['/register', 'Register of approved uses'],
    ] as const) {
      await page.goto(server.url + path);
      await page.locator('main').getByText(ready).first().waitFor();
      await bothWidths(page, `preparing${path.replace('/', '-')}`);
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  it('tells who signs in what is not there yet', async () => {
    const { page, problems, context } = await watchedPage(browser);
    await signIn(page, server.url, 'researcher-3', '/me');
    for (const path of ['/me', '/requests', '/data/patients', '/data/folds', '/runs', '/exports', '/tokens']) {
      await page.goto(server.url + path);
      await page.locator('.portal-page h1').waitFor();
      await loaded(page);
      expect([path, await page.getByText('This could not be loaded').count()]).toEqual([path, 0]);
      await bothWidths(page, `preparing-of-researcher${path.replaceAll('/', '-')}`);
    }
    expect(problems).toEqual([]);
    await context.close();
  });
});
