import { crc32 } from 'node:zlib';
import type { AccountActor } from './actor.ts';
import { sha256 } from './canonical.ts';
import type { TokenFacts } from './facts.ts';
import type { Policy } from './policy.ts';

/**
 * Personal access tokens: `iss_`, 43 letters and digits for 256 random bits, 6 for the CRC-32 of all before them. Scanners of leaked secrets find them by
 * `iss_[0-9A-Za-z]{49}`, and a typing error is told from an unknown token without asking anybody.
 */
const PREFIX = 'iss_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = BigInt(DIGITS.length);
const BODY = 43;
const CHECK = 6;
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${BODY + CHECK}}$`);
/** Random bytes that a token is made of. */
export const TOKEN_BYTES = 32;

const base62 = (value: bigint, length: number): string => {
  let text = '';
  for (let rest = value; text.length < length; rest /= BASE) text = `${DIGITS[Number(rest % BASE)]}${text}`;
  return text;
};

const checkOf = (text: string): string => base62(BigInt(crc32(text)), CHECK);

/** The token of 32 random bytes. @throws RangeError for another number of bytes */
export const tokenText = (random: Uint8Array): string => {
  if (random.length !== TOKEN_BYTES) throw new RangeError(`a token is made of ${TOKEN_BYTES} random bytes`);
  const text = `${PREFIX}${base62(BigInt(`0x${Buffer.from(random).toString('hex')}`), BODY)}`;
  return `${text}${checkOf(text)}`;
};

/** True for a credential that is meant as a personal token, well-formed or not: the realm's own are never. */
export const isMeantAsToken = (text: string): boolean => text.startsWith(PREFIX);

/** True for what can be a token: its form and its checksum are right. */
export const isTokenText = (text: string): boolean =>
  FORM.test(text) && checkOf(text.slice(0, -CHECK)) === text.slice(-CHECK);

/** What is kept of a token. It holds 256 random bits, so a plain hash is as good as a slow one. */
export const tokenSha256 = (text: string): string => sha256(text);

const DAY_MS = 86_400_000;

/** Until when a token may live that is made now: its grant's end, and no longer than the policy lets it. */
export const latestExpiry = (grantEnd: Date, policy: Policy, now: Date): Date =>
  new Date(Math.min(grantEnd.getTime(), now.getTime() + policy.tokenMaxDays * DAY_MS));

/** The token that somebody comes with; undefined where it has ended, null where they come without one. */
export const tokenOf = (
  actor: AccountActor,
  tokens: readonly TokenFacts[],
  now: Date,
): TokenFacts | null | undefined => {
  const id = actor.tokenId ?? null;
  if (id === null) return null;
  const token = tokens.find((one) => one.id === id);
  return token !== undefined && token.grantId === actor.tokenGrantId && now < token.expiresAt ? token : undefined;
};
