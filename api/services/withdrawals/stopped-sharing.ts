import { STOPS_SHARING } from '../../../governance/rows.ts';

/**
 * SQL that is true of a patient who has withdrawn from sharing and has not taken it back.
 * @param patient SQL of the patient's id, of this program alone
 */
export const hasStoppedSharing = (patient: string): string =>
  `EXISTS (SELECT 1 FROM withdrawal w WHERE w.patient_id = ${patient} AND w.taken_back_at IS NULL AND w.kind IN (${STOPS_SHARING.map((kind) => `'${kind}'`).join(', ')}))`;
