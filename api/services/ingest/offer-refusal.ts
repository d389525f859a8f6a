import { quoted } from '../../../pipeline/labels/problem.ts';
import { parseSubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';
import { type DropItemOffer, WITHDRAWN } from './drop-item.ts';

export interface Refusal {
  code: string;
  reason: string;
  /** The offer's texts as they may be stored: a name that is none of ours can hold anything, at any length. */
  shown: { patient: string; timestamp: string; videoSha256: null | undefined; surveySha256: null | undefined };
}

const SHA256 = /^[0-9a-f]{64}$/;
const LONGEST = 64;

/** The text with everything that a terminal or a database might choke on escaped, cut short; apart from others that were cut by what was cut off. */
const storable = (text: string): string => {
  const shown = quoted(text).slice(1, -1).replaceAll('\\\\', '\\').replaceAll('\\"', '"');
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST - 1)}…`;
};

/** Why a submission cannot be taken before any byte of it is sent, or null. */
export function refusalOf(
  offer: DropItemOffer,
  known: { codes: ReadonlySet<string>; withdrawn: ReadonlySet<string>; maxVideoBytes: number },
): Refusal | null {
  const odd = (sha256: string | null) => sha256 !== null && !SHA256.test(sha256);
  const refused = (code: string, reason: string): Refusal => ({
    code,
    reason,
    shown: {
      patient: storable(offer.patient),
      timestamp: storable(offer.timestamp),
      videoSha256: odd(offer.videoSha256) ? null : undefined,
      surveySha256: odd(offer.surveySha256) ? null : undefined,
    },
  });
  if (!known.codes.has(offer.patient))
    return refused('PATIENT_UNKNOWN', `Patient ${quoted(offer.patient)} is not in enrolment.csv.`);
  if (!parseSubmissionTimestamp(offer.timestamp))
    return refused('TIMESTAMP_INVALID', `${quoted(offer.timestamp)} is no moment of the form 20201201T003232.`);
  if (known.withdrawn.has(offer.patient)) return refused(WITHDRAWN.reasonCode, WITHDRAWN.reason);
  if (offer.videoSha256 === null) return refused('VIDEO_MISSING', 'There is no narrative.mp4.');
  for (const [file, sha256] of [
    ['narrative.mp4', offer.videoSha256],
    ['survey.csv', offer.surveySha256],
  ] as const)
    if (odd(sha256))
      return refused('CHECKSUM_INVALID', `The checksum announced for ${file} is no SHA-256 in 64 hexadecimal digits.`);
  if (!Number.isSafeInteger(offer.videoBytes) || offer.videoBytes < 0)
    return refused('SIZE_INVALID', 'The size announced for narrative.mp4 is no number of bytes.');
  if (offer.videoBytes > known.maxVideoBytes)
    return refused(
      'VIDEO_TOO_LARGE',
      `narrative.mp4 has ${offer.videoBytes} bytes; at most ${known.maxVideoBytes} are taken.`,
    );
  return null;
}

export function firstRepeated(keys: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return null;
}
