import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requestDraftSchema } from '../../governance/forms.ts';
import { give } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, loaded } from './browser.ts';
import { type Staff, sentIn, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  // A wrong address or filter is refused, which the console tells too.
  await staff.end(/status of 40[04] /);
  await browser.close();
});

/** What would run or show itself if a page took it for anything but text; the name says which field it came from. */
const evil = (field: string): string =>
  `${field} <img src=x onerror="window.owned=1"><script>window.owned=1</script><b class="injected">b</b> {{7*7}}`;

/** Every text of the form by its path (`items.0.why`), as the schema that portal and server share has it. */
function textPaths(schema: unknown, path: readonly string[] = []): string[][] {
  const json = schema as { type?: string; enum?: unknown; pattern?: string; format?: string; anyOf?: unknown[] } & {
    properties?: Record<string, unknown>;
    items?: unknown;
  };
  if (json.anyOf) return json.anyOf.flatMap((one) => textPaths(one, path));
  if (json.properties) return Object.entries(json.properties).flatMap(([key, one]) => textPaths(one, [...path, key]));
  if (json.items) return textPaths(json.items, [...path, '0']);
  return json.type === 'string' && !json.enum && !json.pattern && !json.format ? [[...path]] : [];
}

/** What the schema calls text but takes only as a code or a day: the server refuses anything else, which other tests hold. */
const CODES = /^(dataUse|coAuthors\.0\.lastPublishedOn)/;

/** Nothing of what was written became part of the page. */
async function nothingRan(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    owned: (window as { owned?: unknown }).owned ?? null,
    elements: document.querySelectorAll('main .injected, main script, main img[src="x"], main a[href^="javascript:"]')
      .length,
  }));
  expect([where, found]).toEqual([where, { owned: null, elements: 0 }]);
}

describe('script in every text of a request’s form, as the schema lists them', () => {
  it('is shown as text to applicant, steward and official, and runs for none of them', async () => {
    const paths = textPaths(z.toJSONSchema(requestDraftSchema, { unrepresentable: 'any' }))
      .map((path) => path.join('.'))
      .filter((path) => !CODES.test(path));
    // Who adds a text to the form finds it tested here without a line more.
    expect(paths).toEqual(
      expect.arrayContaining(['title', 'items.0.why', 'ethicsApproval.reference', 'coAuthors.0.name']),
    );
    const form: Record<string, unknown> = {
      items: [{ modality: 'LABELS', uses: ['READ'], why: '' }],
      ethicsApproval: { reference: '', documentSha256: '0'.repeat(64) },
      coAuthors: [{ name: '', email: 'author@example.org', lastPublishedOn: '2026-01-01' }],
    };
    for (const path of paths) {
      const keys = path.split('.');
      let at = form as Record<string, Record<string, unknown>>;
      for (const key of keys.slice(0, -1)) at = at[key] as Record<string, Record<string, unknown>>;
      (at as Record<string, unknown>)[keys.at(-1)!] = evil(path);
    }
    const { id } = await sentIn(staff, 'replaced', form);
    for (const [username, address] of [
      ['researcher-2', `/requests/${id}`],
      ['researcher-2', '/requests'],
      ['researcher-2', '/me'],
      ['signing-official', '/official'],
      ['signing-official', `/official/requests/${id}`],
      ['steward', '/steward'],
      ['steward', `/steward/requests/${id}`],
    ] as const) {
      const page = await staff.open(username, address);
      await loaded(page);
      await nothingRan(page, `${username} ${address}`);
    }
    const steward = await staff.open('steward', `/steward/requests/${id}`);
    for (const path of paths)
      await steward.getByText(`${path} <img`, { exact: false }).first().waitFor({ state: 'attached' });
    await give(await staff.api('researcher-2'), 'withdrawAccessRequest', { requestId: id });
  });
});

/** Pages with text fields of their own, by who has them; dialogs are opened by every button that leads to one. */
const FIELDS = [
  ['researcher-3', ['/certificates', '/incidents', '/tokens', '/exports', '/runs', '/me']],
  [
    'steward',
    [
      ...['/steward/safety', '/steward/withdrawals', '/steward/releases', '/steward/certificates'],
      '/steward/agreements',
    ],
  ],
  ['curator', ['/steward/releases', '/curator?drop=%3Cimg%20src=x%20onerror=window.owned=1%3E', '/curator/jobs']],
  ['auditor', ['/auditor', '/auditor/seen']],
  ['admin', ['/admin', '/admin/institutions', '/admin/policy', '/steward/deputies']],
] as const;

describe('script in every text field of every page', () => {
  it.each(FIELDS)('of %s is text while it is written, looked for and kept', async (username, paths) => {
    let written = 0;
    const page = await staff.open(username, paths[0]);
    for (const path of paths) {
      await page.goto(server.url + path);
      await page.locator('.portal-page h1').waitFor();
      await loaded(page);
      // Fields of closed dialogs are in the page already: each is filled where it stands, as an attack from a kept text would find it.
      const fields = page.locator(
        'main textarea, main input:not([type=date]):not([type=checkbox]):not([type=radio]):not([type=file]):not([type=number])',
      );
      for (let at = 0; at < (await fields.count()); at++) {
        written += await fields.nth(at).evaluate((one: HTMLInputElement | HTMLTextAreaElement, text) => {
          const prototype = one.tagName === 'TEXTAREA' ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
          Object.getOwnPropertyDescriptor(prototype, 'value')!.set!.call(one, text);
          one.dispatchEvent(new Event('input', { bubbles: true }));
          one.dispatchEvent(new Event('change', { bubbles: true }));
          return 1;
        }, evil('field'));
      }
      await nothingRan(page, `${username} ${path}`);
      await page.reload();
      await page.locator('.portal-page h1').waitFor();
      await nothingRan(page, `${username} ${path} once more`);
    }
    expect(written).toBeGreaterThan(0);
  });
});
