import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside } from '../e2e/support/audit-entries.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser } from './browser.ts';
import { keyboardOf } from './keyboard.ts';
import { act, bothWidths, type Staff, staffOf } from './staff.ts';

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

const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

/** Work that was given up: a job that no worker could do, as it stands after its last attempt. */
async function givenUp(): Promise<string> {
  const id = randomUUID();
  await beside(server, (client) =>
    client.query(
      `INSERT INTO job (id, kind, payload, state, priority, attempts, max_attempts, run_after, error, created_at, finished_at)
       VALUES ($1, 'clear-exports', '{}', 'FAILED', 0, 3, 3, now(), '{"code":"WORKER_DIED","message":"Its worker ended three times."}', now(), now())`,
      [id],
    ),
  );
  return id;
}

describe('work of the pipeline', () => {
  it('is paused, limited and let go on by kind; what was promised to a patient has no such button', async () => {
    const page = await staff.open('curator', '/curator/jobs');
    await row(page, 'export').first().waitFor();
    for (const kind of ['erase-patient', 'draft-without']) {
      expect(await row(page, kind).getByRole('button').count()).toBe(0);
      await row(page, kind).getByText('promised to a patient').waitFor();
    }
    await act(page, 'Pause check-release', {}, 'Pause', 'jobs-pause');
    const held = row(page, 'check-release').locator('td[data-name="Held"]');
    await held.getByText('paused').waitFor();
    await act(page, 'Limit check-release', { 'At once': '2' }, 'Limit');
    await held.getByText('paused, 2 at once').waitFor();
    await bothWidths(page, 'jobs');
    // Too many are refused by the API, and what was typed stays.
    await page.getByRole('button', { name: 'Limit check-release' }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByLabel('At once (optional)').fill('65');
    await dialog.getByRole('button', { name: 'Limit' }).click();
    await dialog.getByRole('alert').getByText('From 1 to 64 may run at once').waitFor();
    expect(await dialog.getByLabel('At once (optional)').inputValue()).toBe('65');
    await dialog.getByLabel('At once (optional)').fill('');
    await dialog.getByRole('button', { name: 'Limit' }).click();
    await held.getByText('paused', { exact: true }).waitFor();
    await act(page, 'Resume check-release', {}, 'Resume');
    await held.getByText('no', { exact: true }).waitFor();
  });

  it('that was given up is done once more with the keyboard alone, or left where one goes back', async () => {
    const id = await givenUp();
    const page = await staff.open('curator', '/curator/jobs');
    await row(page, id).getByText('WORKER_DIED: Its worker ended three times.').waitFor();
    await bothWidths(page, 'jobs-given-up');
    const hands = keyboardOf(page);
    await hands.press(new RegExp(`^Do it again clear-exports ${id}`));
    await hands.press('Go back');
    await row(page, id).waitFor();
    await hands.press(new RegExp(`^Do it again clear-exports ${id}`));
    await hands.press(/^Do it again$/);
    await row(page, id).waitFor({ state: 'detached' });
    const state = await beside(server, (client) => client.query('SELECT state FROM job WHERE id = $1', [id]));
    expect(['QUEUED', 'RUNNING', 'SUCCEEDED']).toContain(state.rows[0].state);
  });
});
