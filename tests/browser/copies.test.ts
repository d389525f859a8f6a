import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/support/eventually.ts';
import { give } from '../e2e/support/give.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser } from './browser.ts';
import { axe, bothWidths, type Staff, staffOf } from './staff.ts';

let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  const [server, launched] = await Promise.all([wholeServer(), launchBrowser()]);
  browser = launched;
  staff = staffOf(server, browser);
});
afterAll(async () => {
  await staff.end();
  await browser.close();
});

/** A patient withdraws whose data is in a copy that somebody took away: two stewards have the notices sent. */
async function withdrawn(): Promise<void> {
  const [steward, second, reader] = await Promise.all(
    ['steward', 'steward-2', 'researcher-3'].map((name) => staff.api(name)),
  );
  const { data } = await reader!.ask<{ release: { patients: { nodes: { code: string }[] } } }>(
    '{ release { patients(first: 100) { nodes { code } } } }',
  );
  const patient = data.release.patients.nodes.at(-2)!.code;
  const made = await give(
    steward!,
    'recordWithdrawal',
    { study: 'demo', patient, kind: 'STOP_SHARING', reason: 'PATIENT' },
    'withdrawal { id }',
  );
  const id = (made.withdrawal as { id: string }).id;
  await give(steward!, 'askWithdrawalStep', { id, step: 'NOTICES', reason: 'Copies are out.' });
  const { data: waits } = await second!.ask<{ pendingSteps: { id: string; reason: string; seenHash: string }[] }>(
    '{ pendingSteps { id reason seenHash } }',
  );
  const step = waits.pendingSteps.find(({ reason }) => reason === 'Copies are out.')!;
  await give(second!, 'confirmWithdrawalStep', { stepId: step.id, seen: step.seenHash });
}

describe('copies to destroy', () => {
  it('are told to who took them, without whose they are, and attested once everything is gone', async () => {
    const page = await staff.open('researcher-3', '/exports');
    await page.getByRole('button', { name: 'Ask for the export' }).click();
    const command = page.locator('.portal-command').first();
    await command.waitFor({ timeout: 100_000 });
    await withdrawn();
    await page.reload();
    const copies = page.locator('section', { has: page.getByRole('heading', { name: 'Copies to destroy' }) });
    await copies.waitFor();
    const open = copies.locator('.portal-card', { has: page.getByRole('button', { name: /^Attest/ }) });
    const before = await open.count();
    expect(before).toBeGreaterThan(0);
    // Whose data it is nobody is told.
    expect(await copies.innerText()).not.toMatch(/\b90\d\d\b/);
    await bothWidths(page, 'copies-to-destroy');
    await open
      .first()
      .getByRole('button', { name: /^Attest/ })
      .click();
    const dialog = page.locator('dialog[open]');
    // Nothing is attested by halves: both boxes are asked for.
    await dialog.getByText('Every copy is destroyed').click();
    await dialog.getByRole('button', { name: 'Attest' }).click();
    expect(
      await dialog.getByLabel(/Everything made from them/).evaluate((one: HTMLInputElement) => one.validity.valid),
    ).toBe(false);
    await axe(page);
    await dialog.getByText(/Everything made from them/).click();
    await dialog.getByRole('button', { name: 'Attest' }).click();
    await dialog.waitFor({ state: 'detached' });
    await eventually(
      () => open.count(),
      (now) => now === before - 1,
    );
    await copies.getByText('attested').first().waitFor();
    await bothWidths(page, 'copies-attested');
    await page.reload();
    await copies.waitFor();
    expect(await open.count()).toBe(before - 1);
  });
});
