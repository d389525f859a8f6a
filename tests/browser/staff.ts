import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { FORBIDDEN_USES } from '../../governance/forms.ts';
import { give } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { type Person, person } from '../e2e/support/person.ts';
import { screenshot, signIn, watchedPage } from './browser.ts';

/** The people of the server in browsers and by the API; each signs in once for a file of tests. */
export interface Staff {
  /** A page of somebody's own browser (null: of a stranger), at an address, once its heading stands. */
  open(username: string | null, path: string): Promise<Page>;
  /** They signed in once more in a page, which ends the session from before: the next page signs in anew. */
  forget(username: string): void;
  /** The same person by the API. */
  api(username: string): Promise<Person>;
  /** Ends the browsers, and holds that no page ran anything it should not have, or left the server. What a test did on purpose is expected. */
  end(expected?: RegExp): Promise<void>;
}

type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

export function staffOf(server: ServerFacts, browser: Browser): Staff {
  const sessions = new Map<string, Promise<Session>>();
  const tokens = new Map<string, Promise<Person>>();
  const watched: Awaited<ReturnType<typeof watchedPage>>[] = [];
  const sessionOf = async (username: string): Promise<Session> => {
    const { page, context, close } = await watchedPage(browser);
    await signIn(page, server.url, username, '/register');
    const session = await context.storageState();
    await close();
    return session;
  };
  return {
    async open(username, path) {
      if (username !== null && !sessions.has(username)) sessions.set(username, sessionOf(username));
      const one = await watchedPage(browser);
      watched.push(one);
      if (username !== null) await one.context.addCookies((await sessions.get(username)!).cookies);
      await one.page.goto(server.url + path);
      await one.page.locator('.portal-page h1').waitFor();
      return one.page;
    },
    forget: (username) => void sessions.delete(username),
    api(username) {
      if (!tokens.has(username)) tokens.set(username, person(server, username));
      return tokens.get(username)!;
    },
    async end(expected) {
      for (const { close } of watched) await close();
      expect(watched.flatMap(({ problems }) => problems).filter((problem) => !expected?.test(problem))).toEqual([]);
      const foreign = watched.flatMap(({ requests }) => requests).filter((url) => new URL(url).origin !== server.url);
      expect(foreign).toEqual([]);
    },
  };
}

/** Whoever cannot see, point or has a phone can use the page as it stands. */
export async function axe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** Axe and pictures at the width of a desk and of a phone; nothing runs over the side of the phone. */
export async function bothWidths(page: Page, name: string): Promise<void> {
  await axe(page);
  await screenshot(page, `${name}-1280`);
  await page.setViewportSize({ width: 360, height: 780 });
  await screenshot(page, `${name}-360`);
  await axe(page);
  expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, 360]);
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Presses a button of the page, fills the dialog by the labels of its fields (a choice by its text), and sends it. */
export async function act(
  page: Page,
  button: string | RegExp,
  fields: Readonly<Record<string, string>>,
  send: string,
  name?: string,
): Promise<void> {
  await page.getByRole('button', { name: button }).first().click();
  const dialog = page.locator('dialog[open]');
  for (const [label, value] of Object.entries(fields)) {
    const field = dialog.getByLabel(new RegExp(`^${label.replace(/[?.()]/g, '\\$&')}( \\(optional\\))?$`));
    const tag = await field.evaluate((one) => one.tagName);
    if (tag === 'SELECT') await field.selectOption({ label: value });
    else await field.fill(value);
  }
  if (name) {
    await axe(page);
    await screenshot(page, name);
  }
  await dialog.getByRole('button', { name: send, exact: true }).click();
  await dialog.waitFor({ state: 'detached' }).catch(async (error: Error) => {
    throw new Error(`${String(button)} stayed open: ${await dialog.innerText()} (${error.message.slice(0, 80)})`);
  });
}

/** Confirms, as the second person, what somebody asked for with a reason. */
export async function confirmStep(page: Page, reason: string): Promise<void> {
  const step = page.locator('li.portal-card', { hasText: reason });
  await step.getByRole('button', { name: /^Confirm/ }).click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await step.waitFor({ state: 'detached' });
}

export interface AskedFor {
  readonly id: string;
  readonly seenHash: string;
}

/** A request of researcher-2 for labels and video that is sent in. @param form what differs from a plain one */
export async function sentIn(staff: Staff, title: string, form: Record<string, unknown> = {}): Promise<AskedFor> {
  const applicant = await staff.api('researcher-2');
  const made = await give(applicant, 'createAccessRequest', {}, 'request { id }');
  const requestId = (made.request as { id: string }).id;
  const items = (['LABELS', 'VIDEO'] as const).map((modality) => ({ modality, uses: ['READ'], why: 'To see it.' }));
  const whole = {
    ...{ title, plainSummary: 'A made-up request of the tests, decided in the portal by two stewards.', items },
    detail: 'There is no research behind this request: it exists so that stewards can decide it in a browser.',
    position: 'Invented researcher',
    securityPlan: 'The synthetic study concerns nobody, so nothing has to be kept safe here.',
    attestsNist800171: true,
    ethicsApproval: { reference: 'B-1', documentSha256: '0'.repeat(64) },
    ...{ dataUse: ['HMB'], durationMonths: 6, acceptsForbidden: Object.keys(FORBIDDEN_USES) },
    ...form,
  };
  const edited = await give(applicant, 'editAccessRequest', { requestId, form: whole }, 'request { seenHash }');
  const { seenHash } = edited.request as { seenHash: string };
  await give(applicant, 'signAgreement', { requestId, version: 1, seen: seenHash });
  await give(applicant, 'submitAccessRequest', { requestId });
  return { id: requestId, seenHash };
}

/** The same, endorsed by its official. @returns its id */
export async function endorsed(staff: Staff, title: string, form: Record<string, unknown> = {}): Promise<string> {
  const { id, seenHash: seen } = await sentIn(staff, title, form);
  const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
  await give(await staff.api('signing-official'), 'endorseAccessRequest', { requestId: id, seen, ...attests });
  return id;
}

/** Counts the clicks of a person in a page from now on. @returns a function that says how many there were */
export async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    sessionStorage.setItem('clicks', '0');
    // A click on a label is one on its field as well: what is counted is what a hand does.
    addEventListener(
      'pointerdown',
      ({ isTrusted }) => {
        if (isTrusted) sessionStorage.setItem('clicks', String(Number(sessionStorage.getItem('clicks')) + 1));
      },
      { capture: true },
    );
  });
  return () => page.evaluate(() => Number(sessionStorage.getItem('clicks')));
}
