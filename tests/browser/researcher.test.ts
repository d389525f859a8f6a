import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { give, obtainGrant } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, screenshot, signIn, watchedPage } from './browser.ts';
import { invitationLink, keyboardOf } from './keyboard.ts';
import { act, axe, bothWidths, type Staff, sentIn, staffOf } from './staff.ts';

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

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const state = (page: Page, text: string) => page.locator('.portal-state', { hasText: text }).waitFor();

describe('with the keyboard alone', () => {
  it('a certificate is handed in, looked at, replaced, and taken back', async () => {
    const page = await staff.open('researcher-2', '/certificates');
    const keys = keyboardOf(page);
    // The file takes its time; what is filled in meanwhile stands when it has come.
    let goOn = () => {};
    const filledIn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/uploads', async (route) => {
      await filledIn;
      await route.continue();
    });
    await keys.file('The certificate, as PDF, PNG or JPEG', 'certificate.png', 'image/png', PNG);
    await page.getByText('Sending certificate.png').waitFor();
    await keys.choose('Which training it proves', 1);
    goOn();
    await page.getByAltText('The file that you chose').waitFor();
    expect(await page.getByLabel('Which training it proves').inputValue()).not.toBe('');
    await keys.choose('The course', 1);
    await keys.type(/issuer’s number/, 'K-1234');
    await keys.day('Completed on', '2026-10-01');
    await keys.press('Hand it in');
    const pending = page.locator('.portal-card', { hasText: 'pending' });
    await pending.first().waitFor();
    expect(await pending.count()).toBe(1);
    await bothWidths(page, 'certificates-pending');
    await keys.file('The wrong file?', 'right.pdf', 'application/pdf', PDF);
    await pending.getByRole('link', { name: 'Save the file that you handed in' }).waitFor();
    await keys.press('Take it back');
    await keys.reach(page.locator('dialog[open] .usa-button').first());
    await page.keyboard.press('Enter');
    await pending.waitFor({ state: 'detached' });
  });

  it('a request goes from nothing to sent in, with a colleague who was invited', async () => {
    const page = await staff.open('researcher-2', '/requests');
    const keys = keyboardOf(page);
    await keys.press('Begin a new request');
    await page.waitForURL(/requests\/.+/);
    const id = new URL(page.url()).pathname.split('/').at(-1)!;
    await keys.type('Title', 'Asked for by keyboard');
    await keys.type(/in plain words/, 'Whether a phone can help people to tell others how much pain they have.');
    await keys.type(
      /research in detail/,
      'A model is trained on landmarks and tested on people whom it has never seen. '.repeat(2),
    );
    await keys.type('Your position', 'Senior scientist');
    await keys.tick(/^Labels/);
    await keys.tick('Look at and query (in this portal and by the API)');
    await keys.type('Why you need labels', 'They are what the model is to predict.');
    await keys.tick(/health, medical or biomedical/);
    await keys.type(/kept safe/, 'An encrypted server of the university that two named people can reach.');
    await keys.tick('I attest that this plan meets NIST SP 800-171.');
    await keys.type('Number of your ethics approval', 'IRB-2026-17');
    await keys.file('The approval document', 'approval.pdf', 'application/pdf', PDF);
    await page.getByText('approval.pdf is here.').waitFor();
    for (const box of await page
      .getByRole('group', { name: 'Uses that the study forbids' })
      .getByRole('checkbox')
      .all()) {
      await keys.reach(box);
      await page.keyboard.press('Space');
    }
    await page.getByText('The form is complete.').waitFor();
    await page.getByText('Everything is saved.').waitFor();
    await keys.type(/Invite a colleague/, 'researcher@example.org');
    await keys.press('Send the invitation');
    await page.getByText('researcher@example.org, invited').waitFor();

    // The colleague, in a browser of their own, by the link of the mail.
    const colleague = await staff.open('researcher', await invitationLink(server, 'researcher@example.org', id));
    await axe(colleague);
    await colleague.getByRole('button', { name: 'Accept the invitation' }).click();
    await colleague.getByLabel(/Sign by typing your name/).fill('Researcher Demo');
    await colleague.getByRole('button', { name: 'Sign the agreement' }).click();
    await colleague.getByText(/Researcher Demo signed version/).waitFor();

    await page.getByText(/Researcher Demo signed version/).waitFor();
    await keys.type(/Sign by typing your name/, 'Second Researcher Demo');
    await keys.press('Sign the agreement');
    await page.getByText(/Second Researcher Demo signed version/).waitFor();
    await keys.press('Send the request in');
    await state(page, 'submitted');
    await state(colleague, 'submitted');
    await bothWidths(page, 'request-sent-in');

    // Granted, the colleague leaves the team, and access of the colleague alone ends.
    const { data } = await (await staff.api('researcher-2')).ask<{ accessRequest: { seenHash: string } }>(
      'query ($id: ID!) { accessRequest(id: $id) { seenHash } }',
      { id },
    );
    const about = { requestId: id, seen: data.accessRequest.seenHash };
    const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
    await give(await staff.api('signing-official'), 'endorseAccessRequest', { ...about, ...attests });
    const steward = await staff.api('steward');
    const endsAt = new Date(Date.now() + 30 * 86_400_000).toISOString();
    await give(steward, 'approveAccessRequest', { ...about, endsAt, items: [{ modality: 'LABELS', uses: ['READ'] }] });
    await state(colleague, 'approved');
    await act(colleague, 'Leave the team', {}, 'Leave the team');
    await page.getByText('Somebody left the team').waitFor();
    await bothWidths(page, 'request-team-left');
    await give(steward, 'revokeGrant', { requestId: id, reason: 'The test is over.' });
    await page.getByText('It was revoked').waitFor();
  });
});

describe('a form that is being written', () => {
  it('loses nothing when the session ends in the middle, and shows nobody else what was written', async () => {
    const watched = await watchedPage(browser);
    const { page, context } = watched;
    await signIn(page, server.url, 'researcher-2', '/requests');
    await page.getByRole('button', { name: 'Begin a new request' }).click();
    await page.getByLabel('Title').fill('Before the end');
    await page.getByText('Everything is saved.').waitFor();
    // The session is ended at the server, by somebody who has its cookie; the page knows nothing of it.
    const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    await fetch(`${server.url}/auth/logout`, {
      method: 'POST',
      headers: { cookie: cookies, 'X-ISS-CSRF': '1', origin: server.url },
    });
    await page.getByLabel('Title').fill('Written after the end');
    await page.getByText('Not saved on the server yet').waitFor();
    await page.getByText('Your session has ended.').waitFor();
    await axe(page);
    await screenshot(page, 'request-session-ended');
    await page.getByRole('link', { name: 'Sign in and come back here' }).click();
    await page.getByLabel(/user ?name/i).fill('researcher-2');
    await page.getByLabel(/password/i).fill('demo');
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.getByText('Everything is saved.').waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe('Written after the end');
    await page.reload();
    expect(await page.getByLabel('Title').inputValue()).toBe('Written after the end');

    // What is not saved stands in the browser, until its owner signs out.
    const unsent = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('iss-unsent:')));
    await context.setOffline(true);
    await page.getByLabel('Title').fill('Written without a network');
    await page.getByText('Not saved on the server yet').waitFor();
    await page.getByText('You are offline').first().waitFor();
    expect(await unsent()).toHaveLength(1);
    await screenshot(page, 'request-offline');
    await context.setOffline(false);
    await page.getByText('Everything is saved.').waitFor();
    expect(await unsent()).toEqual([]);
    await page.evaluate(() => localStorage.setItem('iss-unsent:somebody-else:request x', '{}'));
    await page.reload();
    await page.getByText('Everything is saved.').waitFor();
    expect(await unsent()).toEqual([]);
    await context.close();
  });

  it('in two tabs is not overwritten by the older of them', async () => {
    const page = await staff.open('researcher-2', '/requests');
    await page.getByRole('button', { name: 'Begin a new request' }).click();
    await page.getByLabel('Title').fill('First tab');
    await page.getByText('Everything is saved.').waitFor();
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.getByLabel('Title').fill('Second tab');
    await other.getByText('Everything is saved.').waitFor();
    await page.getByLabel('Your position').fill('Scientist');
    await page.getByRole('button', { name: /Load it as it stands/ }).waitFor();
    await axe(page);
    await screenshot(page, 'request-two-tabs');
    await page.getByRole('button', { name: /Load it as it stands/ }).click();
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('input[name=title]')?.value === 'Second tab',
    );
  });
});

describe('a request that was sent in', () => {
  const evil = (field: string) =>
    `${field} <img src=x onerror="window.owned=1"><script>window.owned=1</script> {{7*7}}`;

  it('is talked about, comes back, is answered with script in every field, and goes in again', async () => {
    const { id } = await sentIn(staff, 'Comes back');
    const steward = await staff.api('steward');
    const page = await staff.open('researcher-2', `/requests/${id}`);
    await page.getByLabel('Write to the stewards').fill(evil('comment'));
    await page.getByRole('button', { name: 'Send it', exact: true }).click();
    await page.locator('.portal-log', { hasText: 'to the stewards' }).waitFor();
    await give(steward, 'commentAccessRequest', { requestId: id, text: 'Which servers do you mean?', to: 'APPLICANT' });
    await page.getByText('Which servers do you mean?').waitFor();
    await bothWidths(page, 'request-comments');
    await give(steward, 'returnAccessRequest', { requestId: id, changes: 'Name the servers.' });
    await page.getByText('It came back to you').waitFor();
    await page.getByText('Name the servers.').first().waitFor();
    for (const label of [
      'Title',
      /in plain words/,
      /research in detail/,
      'Your position',
      'Why you need labels',
      'Why you need video',
      /kept safe/,
      'Number of your ethics approval',
    ])
      await page.getByLabel(label).fill(evil('x'.repeat(60)));
    await page.getByRole('button', { name: 'Add a co-author' }).click();
    await page.getByLabel('Name', { exact: true }).fill(evil('author'));
    await page.getByLabel('E-mail').fill('author@example.org');
    await page.getByLabel('Day of the last publication together').fill('2026-01-01');
    await page.getByText('Everything is saved.').waitFor();
    await bothWidths(page, 'request-returned');
    await page.getByLabel(/Sign by typing your name/).fill('Second Researcher Demo');
    await page.getByRole('button', { name: 'Sign the agreement' }).click();
    await page.locator('.portal-check .met').first().waitFor();
    await page.getByRole('button', { name: 'Send the request in' }).click();
    await state(page, 'submitted');
    expect(await page.evaluate(() => (window as { owned?: number }).owned)).toBeUndefined();
    expect(await page.locator('main img, main script').count()).toBe(0);
    await page.goto(`${server.url}/requests`);
    await page
      .getByRole('link', { name: /<script>/ })
      .first()
      .waitFor();
    await give(await staff.api('researcher-2'), 'withdrawAccessRequest', { requestId: id });
  });

  it('and granted is renewed with a report, and closed with an attestation', async () => {
    const [applicant, official, steward, second] = await Promise.all(
      ['researcher-2', 'signing-official', 'steward', 'steward-2'].map((name) => staff.api(name)),
    );
    const id = await obtainGrant(
      applicant!,
      { official: official!, steward: steward!, second: second! },
      { LABELS: ['READ'] },
    );
    const page = await staff.open('researcher-2', `/requests/${id}`);
    await state(page, 'approved');
    await bothWidths(page, 'request-granted');
    await page.getByRole('button', { name: 'Renew' }).click();
    await page.getByLabel('What has come of it so far?').fill('A model that does better than chance.');
    await page.locator('dialog[open]').getByRole('button', { name: 'Renew' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/requests/') && !url.pathname.endsWith(id));
    await state(page, 'draft');
    await page.goBack();
    await state(page, 'approved');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByLabel('What was destroyed, and how').fill('Nothing was taken away.');
    await page.locator('dialog[open]').getByRole('button', { name: 'Attest and close' }).click();
    await page.getByText('Destruction of all copies was attested').waitFor();
    await give(official!, 'countersignCloseOut', { requestId: id });
    await state(page, 'closed');
    await bothWidths(page, 'request-closed');
  });
});

describe('an incident', () => {
  it('is reported, what was written before a reload included', async () => {
    const page = await staff.open('researcher-4', '/incidents');
    await page.getByLabel('What happened').fill('A laptop without data is gone. <script>window.owned=1</script>');
    await page.reload();
    expect(await page.getByLabel('What happened').inputValue()).toContain('A laptop');
    await page.getByLabel('What went wrong').selectOption('LOST_DEVICE');
    await page.getByRole('button', { name: 'Report it' }).click();
    await page.getByText('It is reported.').waitFor();
    await page.locator('.portal-card', { hasText: 'A laptop without data is gone. <script>' }).first().waitFor();
    expect(await page.getByLabel('What happened').inputValue()).toBe('');
    await bothWidths(page, 'incident-reported');
  });
});
