import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside } from '../e2e/support/audit-entries.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, loaded, screenshot } from './browser.ts';
import { act, axe, bothWidths, endorsed, type Staff, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  await staff.end();
  await browser.close();
});

describe('a steward', () => {
  it('reads every version of the agreement and publishes an editorial one, seeing first what it would do', async () => {
    const page = await staff.open('steward', '/steward/agreements');
    const rows = page.getByRole('table', { name: 'Versions, the newest first' }).getByRole('row');
    await rows.nth(1).waitFor();
    const before = await rows.count();
    await page.locator('summary', { hasText: 'Version 1:' }).click();
    await bothWidths(page, 'agreements');
    const text = `${await page.getByLabel('Text', { exact: true }).inputValue()}\nSaid more clearly on ${Date.now()}.`;
    await page.getByLabel('Text', { exact: true }).fill(text);
    // Far away, so that the demo's agreement in force stays the one that it is.
    const day = new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('First day in force').fill(day);
    await page.reload();
    expect(await page.getByLabel('Text', { exact: true }).inputValue()).toBe(text);
    await page.getByLabel(/^Editorial/).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('Earlier signatures would stay.').waitFor();
    await bothWidths(page, 'agreement-effect');
    await act(page, 'Publish it', {}, 'Publish it', 'agreement-publish');
    await rows.nth(before).waitFor();
    await rows.nth(1).getByText('editorial: needs no new signature').waitFor();
    await rows.nth(1).getByText('announced').waitFor();
  });

  it('warns somebody who has no grant', async () => {
    const { data } = await (await staff.api('researcher-2')).ask<{
      viewer: { account: { name: string; institution: { name: string } | null } };
    }>('{ viewer { account { name institution { name } } } }');
    const { name, institution } = data.viewer.account;
    const reason = `Nothing serious ${Date.now()}.`;
    const page = await staff.open('steward', '/steward/safety');
    await act(
      page,
      'Impose a sanction',
      {
        What: 'Warn: it is recorded, and shuts nobody out',
        'On whom': 'A person',
        'Which person': 'Somebody else, by their name',
        'Part of the name': name.slice(0, 9),
        'Whom of those found': institution === null ? name : `${name}, ${institution.name}`,
        Reason: reason,
      },
      'Impose it',
      'sanction-without-grant',
    );
    const card = page.locator('.portal-card', { hasText: reason });
    await card.getByRole('heading', { name: `Warn: ${name}` }).waitFor();
  });
});

describe('the figures', () => {
  it('tell queue, enrolment, accuracy and quality by group, each plot with the table of its numbers', async () => {
    const page = await staff.open('steward', '/steward/figures');
    await loaded(page);
    await page.getByRole('table', { name: /^Requests by month/ }).waitFor();
    // The demo's study has none; a real one has a bar and a row for each cohort.
    await page
      .getByText('This study has no goals for cohorts')
      .or(page.getByRole('table', { name: /^Patients enrolled against the goal/ }))
      .waitFor();
    await page.getByRole('table', { name: /^Quality of recordings/ }).waitFor();
    const quality = await page.getByRole('table', { name: /^Quality of recordings/ }).innerText();
    for (const group of ['sex', 'skin type', 'device']) expect(quality.toLowerCase()).toContain(group);
    // Plots are told to screen readers by their tables alone.
    // The library that draws them comes after the tables.
    await page.locator('main .portal-plot > svg').nth(3).waitFor();
    expect(await page.locator('main .portal-plot svg:not([aria-hidden="true"])').count()).toBe(0);
    await bothWidths(page, 'figures');
    // A phone that is turned: plots are drawn anew, and their text keeps its size.
    await page.setViewportSize({ width: 360, height: 780 });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.portal-plot > svg')].every((plot) => Number(plot.getAttribute('width')) <= 360),
    );
  });
});

describe('an administrator', () => {
  it('says how long holders have; terms that cannot be are refused, with what was typed kept', async () => {
    const page = await staff.open('admin', '/admin/policy');
    await page.getByRole('button', { name: 'Change the terms' }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByLabel('Days to attest').fill('400');
    await dialog.getByLabel('Days to the erasure').fill('30');
    await dialog.getByRole('button', { name: 'Change the terms' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/1 to 365/)
      .waitFor();
    expect(await dialog.getByLabel('Days to attest').inputValue()).toBe('400');
    await bothWidths(page, 'withdrawal-terms');
    await dialog.getByLabel('Days to attest').fill('30');
    await dialog.getByRole('button', { name: 'Change the terms' }).click();
    await page.getByText('The terms were changed.').waitFor();
  });

  it('sees the mail that has not left, and sends again what was given up', async () => {
    const id = randomUUID();
    const address = `nobody-${Date.now()}@example.org`;
    await beside(server, (client) =>
      client.query(
        `INSERT INTO outbox (id, address, template, data, state, attempts, error, tried_at)
         VALUES ($1, $2, 'certificate-verified', '{"training":"Human subjects"}', 'GIVEN_UP', 9, 'The server of the address did not answer.', now())`,
        [id, address],
      ),
    );
    const page = await staff.open('admin', '/admin/mail');
    const row = page.getByRole('row').filter({ hasText: address });
    await row.getByText('given up').waitFor();
    await bothWidths(page, 'mail');
    await act(page, `Send it again to ${address}`, {}, 'Send it again', 'mail-again');
    const state = await beside(server, (client) => client.query('SELECT state FROM outbox WHERE id = $1', [id]));
    expect(['WAITING', 'SENDING', 'SENT']).toContain(state.rows[0].state);
  });
});

describe('a curator', () => {
  it('finds a drop in the list of them', async () => {
    const page = await staff.open('curator', '/curator');
    const drops = page.getByRole('table', { name: /^Drops, the newest first/ });
    await drops.waitFor();
    await bothWidths(page, 'drops');
    const link = drops.getByRole('link').first();
    const id = new URL((await link.getAttribute('href'))!, server.url).searchParams.get('drop');
    await link.click();
    await page.waitForURL((url) => url.searchParams.get('drop') === id);
    expect(await page.getByLabel('Id of the drop').inputValue()).toBe(id);
  });
});

const PAGES = [
  [
    'steward',
    ['/steward', '/steward/certificates', '/steward/releases', '/steward/withdrawals', '/steward/agreements'],
  ],
  ['steward-2', ['/steward/safety', '/steward/figures', '/auditor/seen']],
  ['signing-official', ['/official']],
  ['auditor', ['/auditor', '/auditor/seen']],
  ['admin', ['/admin', '/admin/institutions', '/admin/policy', '/admin/steps', '/admin/mail']],
  ['curator', ['/curator', '/curator/jobs']],
] as const;

const LOOKS = [
  ['dark', { colorScheme: 'dark' }],
  ['forced', { forcedColors: 'active' }],
] as const;

describe('every page of a duty, as the system asks for it', () => {
  it.each(PAGES)('of %s is readable in the dark and in forced colours, and fits 320 px', async (username, paths) => {
    const id = username === 'steward' ? await endorsed(staff, `In the dark ${Date.now()}`) : null;
    const page = await staff.open(username, paths[0]);
    for (const path of [...paths, ...(id ? [`/steward/requests/${id}`] : [])]) {
      await page.goto(server.url + path);
      await page.locator('.portal-page h1').waitFor();
      await loaded(page);
      for (const [name, media] of LOOKS) {
        await page.emulateMedia({ colorScheme: null, forcedColors: null, ...media });
        await axe(page);
        await screenshot(page, `${name}${path.replaceAll('/', '-')}`);
      }
      await page.emulateMedia({ colorScheme: null, forcedColors: null });
      // 320 px wide is also what 1280 px are at four times the size of the text, 640 px at twice.
      for (const width of [320, 640]) {
        await page.setViewportSize({ width, height: 700 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect([path, width, wide]).toEqual([path, width, width]);
      }
      await axe(page);
      await page.setViewportSize({ width: 1280, height: 800 });
    }
  });
});
