import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Realm, RealmUser } from '../realm.ts';

const LENGTH = 32;
// N = 2^14, r = 8, p = 1: node's defaults, about 40 ms on one core (RFC 7914).
const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, LENGTH, (error, key) => (error ? reject(error) : resolve(key))),
  );

export interface Passwords {
  /** The enabled user of this name and password, in the time that a wrong one takes too. */
  check(username: string, password: string): Promise<RealmUser | undefined>;
}

/** Hashes the realm's passwords, so that none stays in memory, and forgets them in the realm given. */
export async function hashPasswords(realm: Realm): Promise<Passwords> {
  const hashes = new Map<string, { user: RealmUser; salt: Buffer; hash: Buffer }>();
  await Promise.all(
    realm.users.map(async (user) => {
      const salt = randomBytes(16);
      const hash = await derive(user.credentials[0]!.value, salt);
      hashes.set(user.username.toLowerCase(), { user: { ...user, credentials: [] }, salt, hash });
    }),
  );
  for (const user of realm.users) user.credentials = [];
  const nobody = { salt: randomBytes(16), hash: randomBytes(LENGTH) };
  return {
    async check(username, password) {
      const entry = hashes.get(username.toLowerCase());
      const { salt, hash } = entry ?? nobody;
      const right = timingSafeEqual(await derive(password.slice(0, 1000), salt), hash);
      return right && entry?.user.enabled ? entry.user : undefined;
    },
  };
}
