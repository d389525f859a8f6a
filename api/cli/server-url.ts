import { wrongUsage } from './exit.ts';
import { safe } from './terminal.ts';

const FALLBACK = 'http://localhost:4000';

/** Origin of the server that is meant: `ISS_URL`, or the local one. @throws CommandFailed (wrong usage) where it is no http address */
export function serverUrl(environment: Record<string, string | undefined>): string {
  const text = environment.ISS_URL || FALLBACK;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw wrongUsage(`ISS_URL is no http address: "${safe(text)}".`);
  if (url.username || url.password) throw wrongUsage('ISS_URL carries a name or a password: sign in with iss login.');
  return url.origin;
}
