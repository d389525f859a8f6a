import { createHmac } from 'node:crypto';

/** Seconds that one code lasts (RFC 6238, Keycloak's default). */
const STEP = 30;

/** The time-based one-time code of a secret, as an authenticator app shows it (RFC 6238: SHA-1, six digits). @param steps ahead of now */
export function totp(secret: string, steps = 0, now = Date.now()): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 1000 / STEP) + steps));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac[19]! & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
