import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORBIDDEN_USES } from '../../governance/forms.ts';
import { give } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { person, wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, screenshot, signIn, watchedPage } from './browser.ts';

let server: ServerFacts;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
});
afterAll(() => browser.close());

/** A request for labels and video that its official endorsed. @returns its id */
async function endorsed(title: string): Promise<string> {
  const [applicant, official] = await Promise.all([person(server, 'researcher-2'), person(server, 'signing-official')]);
  const made = (await give(applicant, 'createAccessRequest', {}, 'request { id }')) as unknown as {
    request: { id: string };
  };
  const requestId = made.request.id;
  const items = (['LABELS', 'VIDEO'] as const).map((modality) => ({ modality, uses: ['READ'], why: 'To see it.' }));
  const form = {
    ...{ title, plainSummary: 'A made-up request of the tests, decided in the portal by two stewards.', items },
    detail: 'There is no research behind this request: it exists so that stewards can decide it in a browser.',
    position: 'Invented researcher',
    securityPlan: 'The synthetic study concerns nobody, so nothing has to be kept safe here.',
    attestsNist800171: true,
    ethicsApproval: { reference: 'B-1', documentSha256: '0'.repeat(64) },
    ...{ dataUse: ['HMB'], durationMonths: 6, acceptsForbidden: Object.keys(FORBIDDEN_USES) },
  };
  const edited = (await give(
    applicant,
    'editAccessRequest',
    { requestId, form },
    'request { seenHash }',
  )) as unknown as {
    request: { seenHash: string };
  };
  const seen = edited.request.seenHash;
  await give(applicant, 'signAgreement', { requestId, version: 1, seen });
  await give(applicant, 'submitAccessRequest', { requestId });
  const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
  await give(official, 'endorseAccessRequest', { requestId, seen, ...attests });
  return requestId;
}

async function pageOf(username: string, path: string): Promise<Page> {
  const { page } = await watchedPage(browser);
  await signIn(page, server.url, username, path);
  await page.locator('.portal-page h1').waitFor();
  return page;
}

async function axe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

describe('a request', () => {
  it('is decided by two stewards from the queue to the grant, each in at most five clicks, and can be used by everybody on the way', async () => {
    const title = `Decided by two ${Date.now()}`;
    await endorsed(title);
    const steward = await pageOf('steward', '/steward');
    await axe(steward);
    await steward.getByRole('link', { name: title }).click();
    await steward.getByRole('button', { name: 'Approve' }).click();
    await steward.locator('dialog[open]').getByText('would have').waitFor();
    await axe(steward);
    await screenshot(steward, 'steward-approve');
    await steward.locator('dialog[open]').getByRole('button', { name: 'Approve' }).click();
    await steward.getByText('Your approval is recorded.').waitFor();
    await steward.locator('.portal-state', { hasText: 'submitted' }).waitFor();

    const second = await pageOf('steward-2', '/steward');
    await second.getByRole('link', { name: title }).click();
    await second.getByRole('button', { name: 'Second the proposal' }).click();
    await second.getByRole('button', { name: 'Second it' }).click();
    await second.locator('.portal-state', { hasText: 'approved' }).waitFor();
    await axe(second);
    await Promise.all([steward.context().close(), second.context().close()]);
  });

  it('is returned with the keyboard alone', async () => {
    const id = await endorsed('Returned by keyboard');
    const page = await pageOf('steward', `/steward/requests/${id}`);
    await page.getByRole('button', { name: 'Return for changes' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const field = page.getByLabel('What has to change');
    for (let tabs = 0; tabs < 3 && !(await field.evaluate((one) => one === document.activeElement)); tabs++)
      await page.keyboard.press('Shift+Tab');
    await page.keyboard.type('Say which recordings.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The request went back to the applicant.').waitFor();
    await page.context().close();
  });

  it('that another steward decided meanwhile is refused to who acts on the old page, with what they typed kept', async () => {
    const id = await endorsed('Two stewards at once');
    const late = await pageOf('steward-2', `/steward/requests/${id}`);
    await late.getByRole('button', { name: 'Reject', exact: true }).click();
    await late.locator('dialog[open] textarea').fill('Too wide.');
    const first = await person(server, 'steward');
    await give(first, 'returnAccessRequest', { requestId: id, changes: 'Say more.' });
    await late.getByRole('button', { name: 'Reject it' }).click();
    await late.locator('dialog[open]').getByRole('alert').waitFor();
    expect(await late.locator('dialog[open] textarea').inputValue()).toBe('Too wide.');
    await screenshot(late, 'steward-collision');
    await axe(late);
    await late.locator('dialog[open]').getByRole('button', { name: 'Show it as it is now' }).click();
    await late.locator('.portal-state', { hasText: 'returned' }).waitFor();
    await late.context().close();
  });
});

describe('every page of a duty', () => {
  it.each([
    ['steward', '/steward/certificates'],
    ['steward', '/steward/releases'],
    ['steward', '/steward/withdrawals'],
    ['steward', '/steward/safety'],
    ['steward', '/steward/figures'],
    ['signing-official', '/official'],
    ['auditor', '/auditor'],
    ['admin', '/admin'],
    ['admin', '/admin/institutions'],
    ['admin', '/admin/policy'],
    ['admin', '/admin/steps'],
    ['curator', '/curator'],
  ])('%s: %s can be used by everybody and fits a phone', async (username, path) => {
    const page = await pageOf(username, path);
    await page.locator('.portal-skeleton').first().waitFor({ state: 'detached' });
    await axe(page);
    const name = path.slice(1).replaceAll('/', '-');
    await screenshot(page, `${name}-1280`);
    await page.setViewportSize({ width: 360, height: 780 });
    await screenshot(page, `${name}-360`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.context().close();
  });
});
