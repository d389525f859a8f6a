import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../e2e/support/eventually.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';

const MOST_TABS = 250;

/** Hands without a mouse: everything is reached with Tab and done with keys, as a person without one does. */
export const keyboardOf = (page: Page) => {
  // The first who waits for a file chooser makes the browser report them and the last lets it stop, both beside whatever is pressed meanwhile: without one
  // who stays, four presses of a hundred opened a chooser that nobody was told of.
  page.on('filechooser', () => undefined);
  const isFocused = (target: Locator): Promise<boolean> => target.evaluate((one) => one === document.activeElement);
  /** Tab until the focus is there. @throws where it never comes: nobody without a mouse could get there */
  const reach = async (target: Locator): Promise<void> => {
    await target.waitFor({ state: 'attached' });
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if (await isFocused(target)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${target} is not reached with ${MOST_TABS} tabs`);
  };
  const field = (label: string | RegExp): Locator => page.getByLabel(label).first();
  return {
    reach,
    async type(label: string | RegExp, text: string): Promise<void> {
      await reach(field(label));
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(text);
    },
    /** A day into a date field, as the browser's own field takes it: month, day, year. */
    async day(label: string | RegExp, iso: string): Promise<void> {
      const [year, month, day] = iso.split('-');
      await reach(field(label));
      await page.keyboard.type(`${month}${day}${year}`);
    },
    async tick(label: string | RegExp): Promise<void> {
      await reach(field(label));
      await page.keyboard.press('Space');
    },
    async press(button: string | RegExp): Promise<void> {
      await reach(page.getByRole('button', { name: button }).first());
      await page.keyboard.press('Enter');
    },
    /** The nth choice of a list. */
    async choose(label: string | RegExp, downs: number): Promise<void> {
      await reach(field(label));
      for (let down = 0; down < downs; down++) await page.keyboard.press('ArrowDown');
    },
    async file(label: string | RegExp, name: string, mimeType: string, buffer: Buffer): Promise<void> {
      await reach(field(label));
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
      await chooser.setFiles({ name, mimeType, buffer });
    },
  };
};

/** The link of the newest invitation to an address, from the mail that the server wrote. */
export async function invitationLink(server: ServerFacts, address: string, requestId: string): Promise<string> {
  const folder = join(server.dataDirectory, 'mail');
  return eventually(
    async () => {
      for (const name of await readdir(folder).catch(() => [])) {
        const [head = '', body = ''] = (await readFile(join(folder, name), 'utf8')).split(/\r?\n\r?\n/);
        const text = Buffer.from(body, 'base64').toString('utf8');
        const link = new RegExp(`/requests/${requestId}#invitation=[\\w-]+&token=[\\w.-]+`).exec(text)?.[0];
        if (link && head.includes(address)) return link;
      }
      return '';
    },
    (link) => link !== '',
  );
}
