import { type AgreementSignature, type AgreementVersion, agreementStanding, graceEnd } from './agreement.ts';
import { addDays, isLocalDate, type LocalDate, localDate, startOfDay } from './calendar.ts';
import { sha256 } from './canonical.ts';
import type { Policy } from './policy.ts';

/** A version of the agreement as a steward wants it published. */
export interface AgreementDraft {
  readonly title: string;
  readonly text: string;
  readonly effectiveOn: LocalDate;
  /** Null takes the policy's. */
  readonly graceDays: number | null;
  readonly editorial: boolean;
  /** The number that it is to have, as the steward looked at the versions. */
  readonly version: number;
}

export const PUBLICATION_REFUSALS = {
  VERSION_TAKEN:
    'Another version has been published meanwhile, or there is a gap before this one; look at the versions again.',
  TEXT_MISSING: 'A version has a title of at most 200 characters and a text of at most 200,000.',
  TEXT_UNCHANGED: 'The text is that of the version before.',
  DAY_INVALID: 'A version takes effect today or within a year, in the calendar of the study.',
  GRACE_INVALID: 'The grace is a whole number of days from 0 to 365; an editorial version has none.',
  EDITORIAL_FIRST: 'An editorial version changes words of one that is there.',
} as const;

export type PublicationRefusal = keyof typeof PUBLICATION_REFUSALS;

/** A version that may be published. */
export interface PublishedAgreement extends AgreementVersion {
  readonly title: string;
  readonly text: string;
  readonly sha256: string;
}

export type PublicationOutcome =
  | { readonly ok: true; readonly agreement: PublishedAgreement }
  | { readonly ok: false; readonly code: PublicationRefusal };

const MOST_TEXT = 200_000;
const MOST_TITLE = 200;
const MOST_DAYS = 365;

/** One text, however it was typed: composed letters, lines that end with \n, no blank ends. Its hash is what people sign. */
export const agreementText = (text: string): string => text.normalize('NFC').replaceAll(/\r\n?/g, '\n').trim();

/** Whether a version may be published, and as what. @param versions every version that there is, with the hash of its text */
export const decidePublication = (
  versions: readonly AgreementVersion[],
  draft: AgreementDraft,
  policy: Policy,
  now: Date,
): PublicationOutcome => {
  const no = (code: PublicationRefusal): PublicationOutcome => ({ ok: false, code });
  const last = versions.reduce<AgreementVersion | null>(
    (found, one) => (found === null || one.version > found.version ? one : found),
    null,
  );
  if (draft.version !== (last?.version ?? 0) + 1) return no('VERSION_TAKEN');
  if (draft.editorial && last === null) return no('EDITORIAL_FIRST');
  const title = draft.title.trim();
  const text = agreementText(draft.text);
  if (title === '' || title.length > MOST_TITLE || text === '' || text.length > MOST_TEXT) return no('TEXT_MISSING');
  const hash = sha256(text);
  if (hash === last?.sha256) return no('TEXT_UNCHANGED');
  const today = localDate(now, policy.timeZone);
  const { effectiveOn, editorial } = draft;
  if (!isLocalDate(effectiveOn) || effectiveOn < today || effectiveOn > addDays(today, MOST_DAYS))
    return no('DAY_INVALID');
  const graceDays = draft.graceDays ?? (editorial ? 0 : policy.agreementGraceDays);
  if (!Number.isInteger(graceDays) || graceDays < 0 || graceDays > MOST_DAYS || (editorial && graceDays !== 0))
    return no('GRACE_INVALID');
  return {
    ok: true,
    agreement: { version: draft.version, title, text, sha256: hash, effectiveOn, graceDays, editorial },
  };
};

/** A member of a living grant, or an official of its institution, with the signatures that stand for them under it. */
export interface Signer {
  readonly accountId: string;
  readonly grantId: string;
  readonly as: AgreementSignature['as'];
  readonly signatures: readonly AgreementSignature[];
}

export interface MustSign {
  readonly accountId: string;
  readonly grantId: string;
  readonly as: AgreementSignature['as'];
  /** When what they signed before ends, in milliseconds since 1970: now at the earliest. */
  readonly until: number;
}

/**
 * Who loses access by a version unless they sign it: whose signature stands up to its coming, and would not at the end of its grace. Who has signed
 * nothing that counts has nothing to lose, and who has not kept up with an earlier version loses it by that one.
 */
export const mustSign = (
  versions: readonly AgreementVersion[],
  next: AgreementVersion,
  signers: readonly Signer[],
  timeZone: string,
  now: Date,
): readonly MustSign[] => {
  if (next.editorial) return [];
  const end = Math.max(graceEnd(next, timeZone), startOfDay(next.effectiveOn, timeZone), now.getTime());
  const at = new Date(end);
  return signers.flatMap(({ accountId, grantId, as, signatures }) => {
    const before = agreementStanding(versions, signatures, at, timeZone).standing === 'SIGNED';
    const after = agreementStanding([...versions, next], signatures, at, timeZone).standing === 'SIGNED';
    return before && !after ? [{ accountId, grantId, as, until: end }] : [];
  });
};
