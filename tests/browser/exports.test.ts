import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AskForExport, ExportsPage } from '../../portal/operations/data.ts';
import { give } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser } from './browser.ts';
import { keyboardOf } from './keyboard.ts';
import { bothWidths, countClicks, type Staff, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
let home: string;
beforeAll(async () => {
  [server, browser, home] = await Promise.all([wholeServer(), launchBrowser(), mkdtemp(join(tmpdir(), 'iss-pull-'))]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  await staff.end(/\/graphql/);
  await browser.close();
  await rm(home, { recursive: true, force: true });
});

interface Ran {
  code: number;
  output: string;
}
/** Lines as somebody types them into a shell in the clone, with no login of their own kept. The folder of the pull is put below `home`. */
const shell = (lines: string): Promise<Ran> =>
  new Promise((done) => {
    const environment = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home };
    execFile('sh', ['-c', lines], { cwd: resolve('.'), env: environment }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });

const card = (page: Page) => page.locator('.portal-card', { has: page.getByRole('heading', { name: /^Release/ }) });

describe('an export', () => {
  it('is asked for under the grant that was chosen, with what that one allows', async () => {
    const page = await staff.open('researcher-3', '/tokens');
    const asked: unknown[] = [];
    // A second grant that allows less, beside the real one; what is asked for reaches no server.
    await page.route('**/graphql', async (route) => {
      const sent = route.request().postDataJSON() as { documentId: string; variables: unknown } | null;
      if (sent?.documentId === AskForExport.id) {
        asked.push(sent.variables);
        return route.abort();
      }
      if (sent?.documentId !== ExportsPage.id) return route.continue();
      const response = await route.fetch();
      const answer = (await response.json()) as { data: { viewer: { grants: { id: string }[] } } };
      const { grants } = answer.data.viewer;
      const items = [{ modality: 'LABELS', uses: ['EXPORT'] }];
      grants.push({ ...grants[0]!, id: 'second', ...{ items } });
      return route.fulfill({ response, json: answer });
    });
    await page.goto(`${server.url}/exports`);
    await page.locator('label', { hasText: /^Landmarks$/ }).click();
    expect(await page.getByLabel('Landmarks').isChecked()).toBe(true);
    await page.getByLabel('Grant', { exact: true }).selectOption('second');
    await page.getByLabel('Landmarks').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Ask for the export' }).click();
    await page.getByRole('alert').first().waitFor();
    expect(JSON.stringify(asked)).toContain('"grant":"second","modalities":["LABELS"]');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  it('is asked for, made and pulled by the one command with a token of the portal; an ended token pulls nothing', async () => {
    const page = await staff.open('researcher-3', '/tokens');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
    const name = `cluster ${Date.now()}`;
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Make the token' }).click();
    const token = await page.locator('.portal-command').innerText();
    expect(token).toMatch(/^export ISS_TOKEN=iss_[0-9A-Za-z]{49}$/);
    const row = page.getByRole('row').filter({ hasText: name });
    await row.waitFor();
    await bothWidths(page, 'token-made');

    await page.goto(`${server.url}/exports`);
    await page.getByRole('button', { name: 'Ask for the export' }).waitFor();
    const before = await card(page).count();
    const clicks = await countClicks(page);
    await page.getByRole('button', { name: 'Ask for the export' }).click();
    await card(page).nth(before).waitFor();
    const made = card(page).first();
    await made.getByRole('heading', { name: /succeeded|done|ready/i }).waitFor();
    await made.getByRole('button', { name: 'Copy the command' }).click();
    await made.getByText('Copied.').waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    expect(await clicks()).toBeLessThanOrEqual(3);
    expect(command).toContain(`ISS_URL=${server.url} npx iss pull `);
    await bothWidths(page, 'export-made');

    const folder = join(home, 'copy');
    const here = command.replace(/ -o \S+$/, ` -o ${folder}`);
    expect(await shell(`${token}\n${here}`)).toMatchObject({ code: 0 });
    const manifest = await readFile(join(folder, 'manifest.json'));
    const told = await made.getByText(/^SHA-256 of the manifest/).innerText();
    expect(told).toBe(`SHA-256 of the manifest: ${createHash('sha256').update(manifest).digest('hex')}`);

    await page.goto(`${server.url}/tokens`);
    await page.getByRole('button', { name: `End ${name}` }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `End ${name}` })
      .click();
    await row.locator('td[data-name="State"]').getByText('ended').waitFor();
    const again = await shell(`${token}\n${here}-again`);
    expect([again.code === 0, again.output]).toEqual([false, expect.stringMatching(/ISS_TOKEN/)]);
    await expect(readFile(join(`${folder}-again`, 'manifest.json'))).rejects.toThrow();
  });

  it('that waits is ended by who asked for it, with the keyboard, and nothing of it is left', async () => {
    const curator = await staff.api('curator');
    const page = await staff.open('researcher-3', '/exports');
    await give(curator, 'pauseJobs', { kind: 'export' });
    try {
      await page.getByLabel('Fold', { exact: true }).selectOption('3');
      await page.getByRole('button', { name: 'Ask for the export' }).click();
      const waits = card(page).filter({ hasText: ', fold 3,' }).filter({ hasText: 'waiting its turn' });
      await waits.waitFor();
      const hands = keyboardOf(page);
      await hands.press('End it');
      await hands.reach(page.locator('dialog[open]').getByRole('button', { name: 'End it' }));
      await page.keyboard.press('Enter');
      await card(page).filter({ hasText: ', fold 3,' }).filter({ hasText: 'ended early' }).waitFor();
      expect(await waits.count()).toBe(0);
      expect(await page.getByRole('button', { name: 'End it' }).count()).toBe(0);
    } finally {
      await give(curator, 'resumeJobs', { kind: 'export' });
    }
  });
});
