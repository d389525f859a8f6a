import type { Browser, Page } from '../../api/auth/browser.ts';
import { totp } from './totp.ts';

/** People's authenticator apps: the secret that each was given, and the last step of time of which a code was used (Keycloak takes each once). */
const apps = new Map<string, { secret: string; step: number }>();
const stepNow = (): number => Math.floor(Date.now() / 30_000);

/**
 * Types what Keycloak asks for until it sends the browser back: name and password, a code of the app, and the first time the code that shows that the
 * app was set up. Keycloak takes the code of the step before and after now, too, so that nobody has to wait for a new one.
 */
export async function typeInto(browser: Browser, start: Page, back: string, username: string): Promise<Page> {
  let page = start;
  for (let forms = 0; forms < 6 && !page.url.startsWith(back); forms++) {
    const secret = /name="totpSecret" value="([^"]+)"/.exec(page.body)?.[1];
    const app = apps.get(username);
    if (secret !== undefined) {
      apps.set(username, { secret, step: stepNow() - 1 });
      page = await browser.submit(page, { totp: totp(secret, -1), userLabel: 'app' });
    } else if (page.body.includes('name="otp"') && app) {
      app.step = Math.max(app.step + 1, stepNow() - 1);
      page = await browser.submit(page, { otp: totp(app.secret, app.step - stepNow()) });
    } else if (page.body.includes('name="password"')) page = await browser.submit(page, { username, password: 'demo' });
    else throw new Error(`${page.status} ${page.url}: ${page.body.slice(0, 500)}`);
  }
  return page;
}
