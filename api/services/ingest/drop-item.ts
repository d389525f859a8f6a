import { sealedPlace } from '../../adapters/objects/sealed-store.ts';

/** One submission of a drop, as its sender describes it before any byte is sent. */
export interface DropItemOffer {
  patient: string;
  timestamp: string;
  videoSha256: string | null;
  videoBytes: number;
  surveySha256: string | null;
}

export type ItemOutcome = 'WAITING' | 'UNCHANGED' | 'PROCESSED' | 'UNREADABLE' | 'REFUSED' | 'FAILED';

export interface DropItem {
  id: string;
  dropId: string;
  patient: string;
  timestamp: string;
  videoSha256: string | null;
  surveySha256: string | null;
  outcome: ItemOutcome;
  reasonCode: string | null;
  reason: string | null;
  recordingId: string | null;
  seconds: number | null;
}

export const ITEM_COLUMNS = `id, drop_id AS "dropId", patient_code AS patient, timestamp, video_sha256 AS "videoSha256", survey_sha256 AS "surveySha256",
  outcome, reason_code AS "reasonCode", reason, recording_id AS "recordingId", seconds`;

/** Whose key seals what is sent in of a patient, and what is made of it. */
export const patientOwner = (study: string, patient: string): string => `${study}/${patient}`;

/** Where a sent file lies. The hash in the key is what the sender declared, and is checked while it is stored. */
export function sourceKey(
  study: string,
  item: { patient: string; timestamp: string },
  kind: 'video' | 'survey',
  sha256: string,
): string {
  const file = `${item.timestamp}/${sha256}.${kind === 'video' ? 'video' : 'csv'}`;
  return `${sealedPlace(patientOwner(study, item.patient))}sources/${file}`;
}

/** Why nothing of somebody is taken who has withdrawn, in whatever way. */
export const WITHDRAWN = {
  reasonCode: 'PATIENT_WITHDRAWN',
  reason: 'The patient has withdrawn; nothing more is collected.',
} as const;
