import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOfDay, localDate } from '../../governance/calendar.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import { ReturnRequest } from '../../portal/operations/steward.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, screenshot } from './browser.ts';
import { keyboardOf } from './keyboard.ts';
import { pdfWith } from './pdf-with.ts';
import { act, axe, bothWidths, countClicks, endorsed, type Staff, sentIn, staffOf } from './staff.ts';

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

const STUDY_ZONE = DEFAULT_POLICY.timeZone;
const state = (text: string) => ['.portal-state', { hasText: text }] as const;

describe('a request', () => {
  it('is decided by two stewards from the queue to the grant, each in at most five clicks, while the researcher looks', async () => {
    const title = `Decided by two ${Date.now()}`;
    const id = await endorsed(staff, title);
    const researcher = await staff.open('researcher-2', `/requests/${id}`);
    await researcher.locator(...state('submitted')).waitFor();

    const steward = await staff.open('steward', '/steward');
    const clicks = await countClicks(steward);
    await steward.getByRole('link', { name: title }).click();
    await steward.getByRole('heading', { name: 'Who asks' }).waitFor();
    await bothWidths(steward, 'steward-request');
    await steward.getByRole('button', { name: 'Approve' }).click();
    const effect = steward.locator('dialog[open]');
    await effect.getByText('would have').waitFor();
    await effect.getByText(/^Of release 1\.0\.0, and of those that follow it: \d+ patients/).waitFor();
    await effect.getByText('Second Researcher Demo lacks Conflicts of interest (not handed in)').waitFor();
    await bothWidths(steward, 'steward-approve');
    await steward.locator('dialog[open]').getByRole('button', { name: 'Approve' }).click();
    await steward.getByText('Your approval is recorded.').waitFor();
    console.log(`decision: ${await clicks()} clicks from the queue to the approval`);
    expect(await clicks()).toBeLessThanOrEqual(5);
    await steward.locator(...state('submitted')).waitFor();
    expect(await steward.getByRole('button', { name: 'Second the proposal' }).count()).toBe(0);

    const second = await staff.open('steward-2', '/steward');
    const seconds = await countClicks(second);
    await second.getByRole('link', { name: title }).click();
    await second.getByRole('button', { name: 'Second the proposal' }).click();
    await second.getByRole('button', { name: 'Second it' }).click();
    await second.locator(...state('approved')).waitFor();
    console.log(`decision: ${await seconds()} clicks from the queue to the second's yes`);
    expect(await seconds()).toBeLessThanOrEqual(5);
    await bothWidths(second, 'steward-request-approved');
    const { data } = await (await staff.api('steward')).ask<{ accessRequest: { grant: { endsAt: string } } }>(
      'query($id: ID!) { accessRequest(id: $id) { grant { endsAt } } }',
      { id },
    );
    const { endsAt } = data.accessRequest.grant;
    // A day that was picked is over where the study's calendar says so.
    expect(new Date(endOfDay(localDate(new Date(Date.parse(endsAt) - 1), STUDY_ZONE), STUDY_ZONE)).toISOString()).toBe(
      endsAt,
    );
    // Nobody loads the researcher's page again: it hears of it.
    await researcher.locator(...state('approved')).waitFor();
    await screenshot(researcher, 'researcher-heard');
  });

  it('shows a steward all the evidence on one page, the document of the ethics approval in a frame of its own', async () => {
    const file = pdfWith('Approved by the ethics board');
    const sent = await (await staff.api('researcher-2')).fetch('/uploads', {
      method: 'PUT',
      body: new Uint8Array(file),
    });
    const { sha256: documentSha256 } = (await sent.json()) as { sha256: string };
    const id = await endorsed(staff, `All the evidence ${Date.now()}`, {
      ethicsApproval: { reference: 'B-1', documentSha256 },
    });
    const page = await staff.open('steward', `/steward/requests/${id}`);
    const headings = await page.getByRole('heading', { level: 2 }).allInnerTexts();
    expect(headings).toEqual(
      expect.arrayContaining([
        'Decide',
        'Who asks',
        'What is asked for',
        'Signatures and endorsement',
        'Trainings that are missing',
        'Ethics approval',
        'Certificates',
        'Other requests of the same people',
        'What has happened',
      ]),
    );
    const missing = page.getByRole('table', { name: /lacks which training/ });
    // By the API's own list, one row for each person and training.
    const { data } = await (await staff.api('steward')).ask<{
      accessRequest: { missingTraining: { training: string }[] };
    }>('query($id: ID!) { accessRequest(id: $id) { missingTraining { training } } }', { id });
    const trainings = new Set(data.accessRequest.missingTraining.map(({ training }) => training));
    expect(trainings.size).toBeGreaterThan(0);
    expect(await missing.getByRole('row').count()).toBe(trainings.size + 1);
    const gap = missing.getByRole('row').filter({ hasText: 'Conflicts of interest' });
    await gap.getByText('video').waitFor();
    await page.getByText('Endorsed by').waitFor();
    await page.getByText('Reference B-1').waitFor();
    const frame = page.getByTitle('Document: ethics approval');
    await frame.scrollIntoViewIfNeeded();
    const drawn = frame.contentFrame().getByRole('img', { name: 'Page 1: Approved by the ethics board' });
    await drawn.waitFor();
    await bothWidths(page, 'steward-evidence');
    // One that names a file which was never sent says so.
    const without = await endorsed(staff, `No document ${Date.now()}`);
    await page.goto(`${new URL(page.url()).origin}/steward/requests/${without}`);
    await page.getByText('Its file is not kept here.').waitFor();
    await axe(page);
  });

  it('is approved with the keyboard alone, from the queue on', async () => {
    const title = `Approved by keyboard ${Date.now()}`;
    const item = { modality: 'LABELS', uses: ['READ'], why: 'To see it.' };
    await endorsed(staff, title, { items: [item] });
    const page = await staff.open('steward', '/steward');
    const hands = keyboardOf(page);
    await hands.reach(page.getByRole('link', { name: title }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Who asks' }).waitFor();
    await hands.type('Conditions (optional)', 'Say so in every paper.');
    await hands.press('Approve');
    await page.locator('dialog[open]').getByText('Conditions: Say so in every paper.').waitFor();
    await hands.reach(page.locator('dialog[open]').getByRole('button', { name: 'Approve' }));
    await page.keyboard.press('Enter');
    await page.locator(...state('approved')).waitFor();
    // The focus is not lost with the button that is gone.
    await page.locator('h1:focus').waitFor();
  });

  it('is returned with the keyboard alone', async () => {
    const id = await endorsed(staff, 'Returned by keyboard');
    const page = await staff.open('steward', `/steward/requests/${id}`);
    await page.getByRole('button', { name: 'Return for changes' }).focus();
    await page.keyboard.press('Enter');
    const field = page.getByLabel('What has to change');
    for (let tabs = 0; tabs < 4 && !(await field.evaluate((one) => one === document.activeElement)); tabs++)
      await page.keyboard.press('Tab');
    await page.keyboard.type('Say which recordings.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The request went back to the applicant.').waitFor();
    // The focus is not lost with the button that is gone.
    await page.locator('h1:focus').waitFor();
  });

  it('keeps what was typed of a decision over a reload and the way to a second factor, and forgets it once it is sent', async () => {
    const id = await endorsed(staff, 'Decided after a second factor');
    const page = await staff.open('steward', `/steward/requests/${id}`);
    const dialog = page.locator('dialog[open]');
    await page.getByLabel('Conditions (optional)').fill('Say so in every paper.');
    await page.getByRole('button', { name: 'Return for changes' }).click();
    await dialog.getByLabel('What has to change').fill('Say which recordings, and why those.');
    await page.reload();
    expect(await dialog.getByLabel('What has to change').inputValue()).toBe('Say which recordings, and why those.');
    await axe(page);
    // The demo's realm has no second factor to ask for: this answer is the one that a realm with one gives. Everything else is real.
    await page.route('**/graphql', async (route) => {
      if (route.request().postDataJSON().documentId !== ReturnRequest.id) return route.continue();
      const reasons = [
        {
          ...{ code: 'STEP_UP_REQUIRED', subject: null, whoActsNext: 'YOU' },
          sentence: 'This asks for a second factor that was given just now.',
        },
      ];
      return route.fulfill({
        json: { data: { returnAccessRequest: { __typename: 'Refused', code: 'FORBIDDEN', message: 'No.', reasons } } },
      });
    });
    await dialog.getByRole('button', { name: 'Return it' }).click();
    const link = dialog.getByRole('link', { name: 'Sign in with your second factor and come back here' });
    await link.waitFor();
    await bothWidths(page, 'steward-step-up');
    await page.unroute('**/graphql');
    const through = page.waitForRequest((request) => request.url().includes('/auth/login?return='));
    await link.click();
    expect(new URL((await through).url()).searchParams.get('second')).toBe('factor');
    await page.waitForURL((url) => url.pathname === `/steward/requests/${id}`);
    staff.forget('steward');
    expect(await dialog.getByLabel('What has to change').inputValue()).toBe('Say which recordings, and why those.');
    expect(await page.getByLabel('Conditions (optional)').inputValue()).toBe('Say so in every paper.');
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Say which');
    await dialog.getByRole('button', { name: 'Return it' }).click();
    await page.locator(...state('returned')).waitFor();
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('Say which');
  });

  it('that another steward decided meanwhile is refused to who acts on the old page, with what they typed kept', async () => {
    const id = await endorsed(staff, 'Two stewards at once');
    const [first, late] = await Promise.all([
      staff.open('steward', `/steward/requests/${id}`),
      staff.open('steward-2', `/steward/requests/${id}`),
    ]);
    await late.getByRole('button', { name: 'Reject', exact: true }).click();
    await late.locator('dialog[open] textarea').fill('Too wide.');
    await act(first, 'Return for changes', { 'What has to change': 'Say more.' }, 'Return it');
    await first.locator(...state('returned')).waitFor();
    await late.getByRole('button', { name: 'Reject it' }).click();
    await late.locator('dialog[open]').getByRole('alert').waitFor();
    expect(await late.locator('dialog[open] textarea').inputValue()).toBe('Too wide.');
    await bothWidths(late, 'steward-collision');
    await late.locator('dialog[open]').getByRole('button', { name: 'Show it as it is now' }).click();
    await late.locator(...state('returned')).waitFor();
  });

  it('tells a second tab, is found again by its address, and by back and forward', async () => {
    const title = `In two tabs ${Date.now()}`;
    const id = await endorsed(staff, title);
    const page = await staff.open('steward', '/steward?view=all');
    await page.getByRole('link', { name: title }).click();
    await page.locator(...state('submitted')).waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator(...state('submitted')).waitFor();
    await act(page, /^Comment$/, { Comment: 'Looks complete to me.', 'Who reads it': 'Stewards' }, 'Comment');
    await page.getByText('Looks complete to me.').first().waitFor();
    await act(page, 'Take it', {}, 'Assign it to me');
    await page.getByText('has it').waitFor();
    await other.getByText('This request has just changed').waitFor();
    await axe(other);
    await screenshot(other, 'steward-second-tab');
    await page.goBack();
    expect(new URL(page.url()).search).toBe('?view=all');
    await page.getByRole('link', { name: title }).waitFor();
    await page.goForward();
    await page.locator(...state('submitted')).waitFor();
    expect(page.url()).toContain(id);
    await act(page, 'Recuse yourself', {}, 'Recuse me');
    await page.getByText('There is nothing for you to decide').waitFor();
    await page.reload();
    await page.getByText('There is nothing for you to decide').waitFor();
  });

  it('whose every field holds script and formulas is shown as text, and runs nothing', async () => {
    const evil = (field: string) =>
      `${field} <img src=x onerror="document.title='owned'"><script>document.title='owned'</script> =HYPERLINK("http://x","y") javascript:alert(1)`;
    const title = evil('title');
    const id = await endorsed(staff, title, {
      title,
      plainSummary: evil('summary'),
      detail: evil('detail').repeat(2),
      position: evil('position'),
      securityPlan: evil('plan'),
      ethicsApproval: { reference: evil('ethics').slice(0, 100), documentSha256: '0'.repeat(64) },
      items: [{ modality: 'LABELS', uses: ['READ'], why: evil('why') }],
      coAuthors: [{ name: evil('author').slice(0, 100), email: 'author@example.org', lastPublishedOn: '2026-01-01' }],
    });
    const page = await staff.open('steward', '/steward');
    const owned = async () => {
      expect(await page.locator('main img:not([src^="blob:"]), main script, main a[href^="javascript:"]').count()).toBe(
        0,
      );
      expect(await page.title()).not.toBe('owned');
    };
    await page
      .getByRole('link', { name: /^title <img/ })
      .first()
      .waitFor();
    await owned();
    await page.goto(`${new URL(page.url()).origin}/steward/requests/${id}`);
    for (const field of ['title', 'summary', 'detail', 'position', 'plan', 'ethics', 'why', 'author'])
      await page.getByText(`${field} <img src=x`).first().waitFor();
    await owned();
    await act(page, 'Reject', { Reason: evil('reason') }, 'Reject it');
    await page.getByText('reason <img src=x').first().waitFor();
    await owned();
    await axe(page);
  });
});

describe('a grant', () => {
  it('is suspended, resumed and revoked from its page', async () => {
    const title = `To be revoked ${Date.now()}`;
    const id = await endorsed(staff, title, { items: [{ modality: 'LABELS', uses: ['READ'], why: 'To see it.' }] });
    const page = await staff.open('steward', `/steward/requests/${id}`);
    await act(page, 'Approve', {}, 'Approve');
    await page.locator(...state('approved')).waitFor();
    await act(page, 'Suspend', { Reason: 'A question came up.' }, 'Suspend', 'steward-suspend');
    await page.locator(...state('suspended')).waitFor();
    await act(page, 'Resume', {}, 'Resume');
    await page.locator(...state('approved')).waitFor();
    await act(page, 'Revoke', { Reason: 'The research has ended.' }, 'Revoke');
    await page.locator(...state('revoked')).waitFor();
    await bothWidths(page, 'steward-revoked');
  });
});

describe('an official', () => {
  it('endorses one request and declines another, each from one page', async () => {
    const wanted = `To endorse ${Date.now()}`;
    const other = `To decline ${Date.now()}`;
    await Promise.all([sentIn(staff, wanted), sentIn(staff, other)]);
    const page = await staff.open('signing-official', '/official');
    await page.getByRole('link', { name: wanted }).waitFor();
    await bothWidths(page, 'official-queue');
    const clicks = await countClicks(page);
    await page.getByRole('link', { name: wanted }).click();
    await page.getByRole('button', { name: 'Endorse' }).click();
    const dialog = page.locator('dialog[open]');
    await dialog.getByText('is employed here').click();
    await dialog.getByText('senior enough').click();
    await dialog.getByLabel('Your name').fill('Signing Official Demo');
    await axe(page);
    await screenshot(page, 'official-endorse');
    await dialog.getByRole('button', { name: 'Endorse' }).click();
    await page.getByText('Endorsed. A data steward acts next.').waitFor();
    expect(await clicks()).toBeLessThanOrEqual(5);
    await page.goBack();
    await page.getByRole('link', { name: other }).click();
    await act(page, 'Decline', { Reason: 'Not of our department.' }, 'Decline');
    await page.getByText('It went back to the applicant.').waitFor();
    await bothWidths(page, 'official-declined');
  });
});
