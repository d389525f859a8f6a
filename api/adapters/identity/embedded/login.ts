import { type Request, type Response, Router, urlencoded } from 'express';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { loginPage, messagePage, PAGE_HEADERS } from './pages.ts';
import type { Passwords } from './passwords.ts';
import type { Throttle } from './throttle.ts';

export interface LoginEvent {
  type: 'SIGN_IN_FAILED' | 'SIGN_IN_THROTTLED';
  username: string;
  address: string;
}

export interface LoginOptions {
  provider: Provider;
  passwords: Passwords;
  throttle: Throttle;
  publicUrl: string;
  observe: (event: LoginEvent) => void;
}

/**
 * The page where a password is typed: GET and POST /login/:uid below the realm. The step's cookie is signed, SameSite and bound to this path, and a
 * form from another site is refused, so nobody is signed in to somebody else's account.
 */
export function loginRoutes({ provider, passwords, throttle, publicUrl, observe }: LoginOptions): Router {
  const origin = new URL(publicUrl).origin;
  const step = async (request: Request, response: Response): Promise<boolean> => {
    try {
      const interaction = await provider.interactionDetails(request, response);
      return interaction.uid === request.params.uid && interaction.prompt.name === 'login';
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return false;
      throw error;
    }
  };
  const gone = (response: Response): void => {
    response.status(400).set(PAGE_HEADERS);
    response.end(
      messagePage('This sign-in has ended', 'It took too long or was finished already. Please start again.'),
    );
  };
  const show = (request: Request, response: Response, status: number, username = '', problem?: string): void => {
    response.status(status).set(PAGE_HEADERS);
    response.end(loginPage({ action: request.baseUrl + request.path, username, problem }));
  };

  const router = Router();
  router.get('/login/:uid', async (request, response) => {
    if (!(await step(request, response))) return gone(response);
    show(request, response, 200);
  });
  router.post('/login/:uid', urlencoded({ extended: false, limit: '8kb' }), async (request, response) => {
    const site = request.get('sec-fetch-site') ?? 'same-origin';
    if ((request.get('origin') ?? origin) !== origin || !['same-origin', 'none'].includes(site)) {
      response.status(403).set(PAGE_HEADERS);
      return void response.end(messagePage('Refused', 'The form came from another site.'));
    }
    if (!(await step(request, response))) return gone(response);
    const { username, password } = (request.body ?? {}) as Record<string, unknown>;
    if (typeof username !== 'string' || typeof password !== 'string' || username === '')
      return show(request, response, 400, '', 'Enter your user name and password.');
    const address = request.ip ?? '';
    const wait = throttle.waitSeconds(username, address);
    if (wait > 0) {
      observe({ type: 'SIGN_IN_THROTTLED', username, address });
      response.set('retry-after', String(wait));
      return show(request, response, 429, username, `Too many attempts. Try again in ${wait} seconds.`);
    }
    const user = await passwords.check(username, password);
    if (!user) {
      throttle.failed(username, address);
      observe({ type: 'SIGN_IN_FAILED', username, address });
      return show(request, response, 401, username, 'User name or password is wrong.');
    }
    throttle.succeeded(username, address);
    await provider.interactionFinished(request, response, { login: { accountId: user.id, remember: false } });
  });
  return router;
}
