import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { messagePage, PAGE_HEADERS } from './pages.ts';
import type { Throttle } from './throttle.ts';

/** Seconds between two polls where a realm says none (RFC 8628, 3.2); ours says none. */
const INTERVAL_SECONDS = 5;
const MOST_POLLED = 10_000;

/**
 * What oidc-provider leaves out of a device login: a program that polls sooner than five seconds after its last time is told `slow_down`, and waits five
 * longer each time (RFC 8628, 3.5), and guesses of user codes are slowed down by address and by session (5.1).
 */
export function deviceLimits(throttle: Throttle, now: () => Date) {
  /** By device code, while nobody has confirmed it. */
  const polled = new Map<string, { at: number; seconds: number }>();

  async function guessed(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    const { ip = '' } = ctx.req as IncomingMessage & { ip?: string };
    const session = ctx.cookies.get('iss_realm');
    const guessers = [`address ${ip}`, ...(session ? [`session ${session}`] : [])];
    const wait = Math.max(...guessers.map((one) => throttle.waitSeconds('device', one)));
    if (wait > 0) {
      ctx.set({ ...PAGE_HEADERS, 'retry-after': String(wait) });
      ctx.status = 429;
      ctx.body = messagePage('Too many wrong codes', `Wait ${wait} seconds, then type the code that the device shows.`);
      return;
    }
    await next();
    // A right code forgives nothing: who guesses has codes of their own.
    if (ctx.state.wrongUserCode) for (const one of guessers) throttle.failed('device', one);
  }

  function hurried(ctx: KoaContextWithOIDC): void {
    const code = ctx.oidc?.params?.device_code;
    if (typeof code !== 'string') return;
    const pending = (ctx.body as { error?: unknown } | undefined)?.error === 'authorization_pending';
    const before = polled.get(code);
    polled.delete(code);
    if (!pending) return;
    const at = now().getTime();
    const seconds = before?.seconds ?? INTERVAL_SECONDS;
    const soon = before !== undefined && at - before.at < seconds * 1000;
    polled.set(code, { at, seconds: soon ? seconds + 5 : seconds });
    if (polled.size > MOST_POLLED) polled.delete(polled.keys().next().value!);
    if (soon)
      ctx.body = { error: 'slow_down', error_description: 'ask less often: five seconds more between two polls' };
  }

  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    if (ctx.method === 'POST' && ctx.path === '/device') return guessed(ctx, next);
    await next();
    if (ctx.method === 'POST' && ctx.path === '/protocol/openid-connect/token') hurried(ctx);
  };
}
