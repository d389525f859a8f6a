import { createHash } from 'node:crypto';
import type { TokenRefusal, VerifiedToken } from './identity.ts';

/** How long a verification is believed, in ms: so long a key that the realm has removed can go on. */
const BELIEVED_MS = 30_000;
const MAX_ENTRIES = 1000;

type Verify = (token: string) => Promise<VerifiedToken | TokenRefusal>;

/**
 * Remembers for half a minute that a token was right, because checking an RSA signature costs more than the rest of a small query. What the token
 * says does not change; whether its bearer may do anything is read from the database each time. Tokens are kept as hashes.
 */
export function rememberVerified(verify: Verify, now: () => Date): Verify {
  const recent = new Map<string, { token: VerifiedToken; at: number }>();
  return async (token) => {
    const key = createHash('sha256').update(token).digest('base64');
    const known = recent.get(key);
    const time = now().getTime();
    // From its own verification until its end a token stays right; before and after it is looked at anew.
    if (known && time >= known.at && time < Math.min(known.at + BELIEVED_MS, known.token.expiresAt.getTime()))
      return known.token;
    recent.delete(key);
    const verified = await verify(token);
    if (!verified.ok) return verified;
    recent.set(key, { token: verified, at: time });
    if (recent.size > MAX_ENTRIES) recent.delete(recent.keys().next().value!);
    return verified;
  };
}
