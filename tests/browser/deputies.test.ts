import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoAskForDeputySteward } from '../../portal/operations/duties.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser } from './browser.ts';
import { act, bothWidths, confirmStep, type Staff, staffOf } from './staff.ts';

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

describe('deputies of stewards', () => {
  it('are asked for by one administrator, confirmed by another, seen by stewards, and ended', async () => {
    const name = 'Fourth Researcher Demo';
    const reason = `Two stewards are away ${Date.now()}.`;
    const endsOn = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const page = await staff.open('admin', '/steward/deputies');
    await page.getByLabel('Part of a name').fill('Fourth Res');
    const fields = { Who: `${name} (researcher-4)`, 'Until the end of': endsOn, Reason: reason };
    await act(page, 'Ask for a deputy', fields, 'Ask for a deputy', 'deputies-ask');
    await page.getByText('It waits for another administrator').waitFor();
    const other = await staff.open('admin-2', '/admin/steps');
    await confirmStep(other, reason);
    const steward = await staff.open('steward', '/steward/deputies');
    const row = steward.getByRole('row').filter({ hasText: reason });
    await row.getByText(name).waitFor();
    // Who decides about requests does not choose who stands in.
    expect(await steward.locator('main').getByRole('button').count()).toBe(0);
    await bothWidths(steward, 'deputies-of-steward');
    await page.reload();
    await page.getByRole('row').filter({ hasText: reason }).waitFor();
    await bothWidths(page, 'deputies-of-admin');
    await act(page, `End it of ${name}`, {}, 'End it');
    await page.getByText('The appointment has ended.').waitFor();
    await page.getByText(reason).waitFor({ state: 'detached' });
    await steward.reload();
    await steward.getByText('Nobody stands in for stewards').waitFor();
  });
});

describe('a choice that was kept', () => {
  it('is not sent in the place of the one that is shown', async () => {
    const page = await staff.open('admin', '/steward/deputies');
    const dialog = page.locator('dialog[open]');
    await page.getByLabel('Part of a name').fill('Researcher Demo');
    await page.getByRole('button', { name: 'Ask for a deputy' }).click();
    await dialog.getByLabel('Who').selectOption({ label: 'Fourth Researcher Demo (researcher-4)' });
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await page.getByLabel('Part of a name').fill('Third Researcher');
    await page.getByRole('button', { name: 'Ask for a deputy' }).click();
    const shown = dialog.getByLabel('Who').locator('option:checked');
    expect(await shown.innerText()).toBe('Third Researcher Demo (researcher-3)');
    await dialog.getByLabel('Until the end of').fill('2020-01-01');
    await dialog.getByLabel('Reason').fill('This day is over, so that nothing comes of it.');
    const id = await shown.getAttribute('value');
    const sent = page.waitForRequest((request) => request.postDataJSON()?.documentId === DoAskForDeputySteward.id);
    await dialog.getByRole('button', { name: 'Ask for a deputy' }).click();
    expect((await sent).postDataJSON().variables.input.accountId).toBe(id);
    await dialog.getByRole('alert').waitFor();
  });
});

describe('the terms of withdrawals', () => {
  it('are shown to stewards as they are in force; a shorter wait takes two administrators', async () => {
    const told = async () => {
      const { data } = await (await staff.api('admin')).ask<{
        withdrawalTerms: { erasureHoldDays: number; attestationDays: number };
      }>('{ withdrawalTerms { erasureHoldDays attestationDays } }');
      return data.withdrawalTerms;
    };
    const before = await told();
    const longer = String(before.erasureHoldDays + 3);
    const page = await staff.open('admin', '/admin/policy');
    await act(
      page,
      'Change the terms',
      { 'Days to attest': String(before.attestationDays), 'Days to the erasure': longer },
      'Change the terms',
    );
    await page.getByText(`${longer} days`).waitFor();
    const steward = await staff.open('steward', '/steward/withdrawals');
    await steward.getByText(`${longer} days`).waitFor();
    const reason = `The protocol says so ${Date.now()}.`;
    const shorter = { 'Days to the erasure': String(before.erasureHoldDays), Reason: reason };
    await act(page, 'Ask for a shorter wait', shorter, 'Ask for a shorter wait', 'shorter-wait');
    await page.getByText('It waits for another administrator.').waitFor();
    expect((await told()).erasureHoldDays).toBe(before.erasureHoldDays + 3);
    const other = await staff.open('admin-2', '/admin/steps');
    await confirmStep(other, reason);
    expect(await told()).toEqual(before);
    await steward.reload();
    await steward.getByText(`waits for ${before.erasureHoldDays} day`).waitFor();
    await bothWidths(steward, 'withdrawals-terms');
  });
});
