import { addDays, type LocalDate, startOfDay } from './calendar.ts';

/**
 * A version of the data use agreement. Versions are numbered in the order in which they are published; one that takes
 * effect before an earlier one that is only announced stands in its place.
 */
export interface AgreementVersion {
  readonly version: number;
  /** First day in the study's time zone on which it is the one in force. */
  readonly effectiveOn: LocalDate;
  /** Days after that during which a signature under the version before still counts; zero is none. */
  readonly graceDays: number;
  /** An editorial version says nothing new and needs no new signature. */
  readonly editorial: boolean;
  /** Of its text, as 64 hexadecimal digits; what signatures record. */
  readonly sha256?: string;
}

/** A signature under one version, by a member of the team or by the institution's signing official. */
export interface AgreementSignature {
  readonly accountId: string;
  readonly version: number;
  readonly as: 'MEMBER' | 'OFFICIAL';
  readonly signedAt: Date;
  /** Of the text that was signed, and the name that was typed: evidence, which no decision reads. */
  readonly textSha256?: string;
  readonly typedName?: string;
}

export type AgreementStanding =
  | { readonly standing: 'UNSIGNED' }
  | { readonly standing: 'OUTDATED'; readonly signed: number }
  /** `until`: when a newer version that is already announced ends it, in milliseconds since 1970; null when none does. */
  | { readonly standing: 'SIGNED'; readonly signed: number; readonly until: number | null };

/** The version in force at an instant, or null before the first. */
export const agreementInForce = (
  versions: readonly AgreementVersion[],
  now: Date,
  timeZone: string,
): AgreementVersion | null => {
  let found: AgreementVersion | null = null;
  for (const version of versions) {
    if (startOfDay(version.effectiveOn, timeZone) > now.getTime()) continue;
    if (found === null || version.version > found.version) found = version;
  }
  return found;
};

/** When a version stops earlier signatures, in milliseconds since 1970: at once with a grace of zero. */
export const graceEnd = (version: AgreementVersion, timeZone: string): number =>
  startOfDay(addDays(version.effectiveOn, version.graceDays), timeZone);

/** What a signature records beside its version: the text's hash and the typed name, where there are such. */
export const signedText = (
  { sha256 }: Pick<AgreementVersion, 'sha256'>,
  typedName: string | null | undefined,
): Pick<AgreementSignature, 'textSha256' | 'typedName'> => ({
  ...(sha256 !== undefined && { textSha256: sha256 }),
  ...(typedName != null && { typedName }),
});

/** True where a signature under one version says all that the version in force asks for: nothing new came between. */
export const signsInForce = (
  versions: readonly AgreementVersion[],
  signed: number,
  inForce: AgreementVersion,
): boolean =>
  signed <= inForce.version &&
  versions.some(({ version }) => version === signed) &&
  !versions.some(({ version, editorial }) => !editorial && signed < version && version <= inForce.version);

/**
 * Whether signatures (of one person in one capacity) stand at an instant. A signature under a version that is not in
 * force yet does not count yet; one under an older version counts while every later version with new terms is still
 * in its grace. Without any version in force nothing counts as signed.
 */
export const agreementStanding = (
  versions: readonly AgreementVersion[],
  signatures: readonly AgreementSignature[],
  now: Date,
  timeZone: string,
): AgreementStanding => {
  const current = agreementInForce(versions, now, timeZone);
  if (current === null) return { standing: 'UNSIGNED' };
  let signed: number | null = null;
  for (const { version, signedAt } of signatures) {
    if (version > current.version || signedAt.getTime() > now.getTime()) continue;
    if (!versions.some((known) => known.version === version)) continue;
    if (signed === null || version > signed) signed = version;
  }
  if (signed === null) return { standing: 'UNSIGNED' };
  let until: number | null = null;
  for (const later of versions) {
    if (later.version <= signed || later.editorial) continue;
    const end = graceEnd(later, timeZone);
    if (until === null || end < until) until = end;
  }
  return until !== null && now.getTime() >= until
    ? { standing: 'OUTDATED', signed }
    : { standing: 'SIGNED', signed, until };
};
