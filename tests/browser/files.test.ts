import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/support/eventually.ts';
import { give, pdf } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, signIn, watchedPage } from './browser.ts';
import { bothWidths, type Staff, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  // What the server refuses, the console tells too; a certificate that was taken back has no picture any more.
  await staff.end(/status of 4(00|13|15|22) .*\/uploads|net::ERR_.*\/uploads|status of 404 .*\/files\//);
  await browser.close();
});

const FILE = 'The certificate, as PDF, PNG or JPEG';
const choose = (page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> =>
  page.getByLabel(FILE).setInputFiles({ name, mimeType, buffer });

/** What waits of this person is taken back, so that each test has its own certificate alone. */
async function takeBackAll(): Promise<void> {
  const owner = await staff.api('researcher-2');
  const { data } = await owner.ask<{ viewer: { certificates: { id: string; state: string }[] } }>(
    '{ viewer { certificates { id state } } }',
  );
  for (const { id, state } of data.viewer.certificates)
    if (state === 'PENDING') await give(owner, 'withdrawCertificate', { id });
}

/** A PDF of one empty page that would run a script when it is opened. */
const WITH_SCRIPT = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\);window.owned=1)>>>>endobj\n' +
    '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n' +
    'trailer<</Size 4/Root 1 0 R>>\n%%EOF\n',
);

describe('a wrong file for a certificate', () => {
  it.each([
    [
      'a page with a script that calls itself a PDF',
      'cert.pdf',
      'application/pdf',
      '<html><script>window.owned=1</script>',
    ],
    [
      'a drawing with a script in it',
      'cert.svg',
      'image/svg+xml',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="window.owned=1"/>',
    ],
    ['a text', 'cert.txt', 'text/plain', 'I have taken the course.'],
    ['an empty file', 'cert.pdf', 'application/pdf', ''],
    ['a PDF that was cut off', 'cert.pdf', 'application/pdf', '%PDF-1.4\n1 0 obj<</Type/Catalog'],
  ])('%s is not taken, and the page says why', async (_what, name, mimeType, text) => {
    const page = await staff.open('researcher-2', '/certificates');
    await choose(page, name, mimeType, Buffer.from(text));
    const alert = page.locator('.portal-drop').last().getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/PDF, PNG or JPEG|empty/);
    expect(await page.getByRole('button', { name: 'Hand it in' }).isDisabled()).toBe(true);
    expect(await page.evaluate(() => (window as { owned?: number }).owned)).toBeUndefined();
    // The next one, which is right, is taken at the same place.
    await choose(page, 'right.pdf', 'application/pdf', pdf('right'));
    await page.getByText('right.pdf is here.').waitFor();
    expect(await alert.count()).toBe(0);
  });

  it('that is too large is told as that, and not as a server that is away', async () => {
    const page = await staff.open('researcher-2', '/certificates');
    await choose(page, 'large.pdf', 'application/pdf', Buffer.concat([pdf('large'), Buffer.alloc(40 * 2 ** 20)]));
    const alert = page.locator('.portal-drop').last().getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/at most|too large/i);
    await bothWidths(page, 'certificate-too-large');
  });

  it('a PDF with a script is drawn for the steward, and its script runs nowhere', async () => {
    await takeBackAll();
    const page = await staff.open('researcher-2', '/certificates');
    await choose(page, 'script.pdf', 'application/pdf', WITH_SCRIPT);
    await page.getByText('script.pdf is here.').waitFor();
    await page.getByLabel('Which training it proves').selectOption({ index: 1 });
    await page.getByLabel('The course').selectOption({ index: 1 });
    await page.getByLabel(/issuer’s number/).fill('S-1');
    await page.getByLabel('Completed on').fill('2026-10-01');
    await page.getByRole('button', { name: 'Hand it in' }).click();
    await page.locator('.portal-card', { hasText: 'pending' }).first().waitFor();
    const steward = await staff.open('steward', '/steward/certificates');
    const dialogs: string[] = [];
    steward.on('dialog', (one) => {
      dialogs.push(one.message());
      void one.dismiss();
    });
    await steward.locator('.portal-card', { hasText: 'Second Researcher Demo' }).first().locator('iframe').waitFor();
    await eventually(
      async () =>
        (await Promise.all(steward.frames().map((frame) => frame.locator('canvas').count()))).some((n) => n > 0),
      (seen) => seen,
    );
    const owned = await Promise.all(
      steward.frames().map((frame) => frame.evaluate(() => (window as { owned?: number }).owned)),
    );
    expect([dialogs, owned.filter((one) => one !== undefined)]).toEqual([[], []]);
    await takeBackAll();
  });
});

describe('a certificate that is being handed in', () => {
  it('loses nothing when the session ends in the middle', async () => {
    await takeBackAll();
    const { page, context } = await watchedPage(browser);
    await signIn(page, server.url, 'researcher-2', '/certificates');
    await choose(page, 'mine.pdf', 'application/pdf', pdf('mine'));
    await page.getByText('mine.pdf is here.').waitFor();
    await page.getByLabel('Which training it proves').selectOption({ index: 1 });
    await page.getByLabel('The course').selectOption({ index: 1 });
    await page.getByLabel(/issuer’s number/).fill('Number before the end');
    await page.getByLabel('Completed on').fill('2026-10-01');
    const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    await fetch(`${server.url}/auth/logout`, {
      method: 'POST',
      headers: { cookie: cookies, 'X-ISS-CSRF': '1', origin: server.url },
    });
    await page.getByRole('button', { name: 'Hand it in' }).click();
    await page.getByRole('link', { name: 'Sign in and come back here' }).click();
    await page.getByLabel(/user ?name/i).fill('researcher-2');
    await page.getByLabel(/password/i).fill('demo');
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.getByText('mine.pdf').waitFor();
    expect(await page.getByLabel(/issuer’s number/).inputValue()).toBe('Number before the end');
    await page.getByRole('button', { name: 'Hand it in' }).click();
    const pending = page.locator('.portal-card', { hasText: 'pending' });
    await pending.first().waitFor();
    expect(await page.getByLabel(/issuer’s number/).inputValue()).toBe('');
    await takeBackAll();
    await context.close();
  });
});
