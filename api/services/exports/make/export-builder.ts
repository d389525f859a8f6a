import type { Modality } from '../../../../governance/modality.ts';
import type { Database } from '../../../adapters/database/database.ts';
import type { ObjectStore } from '../../../adapters/objects/object-store.ts';
import type { ExportScope, SelectedSubmission, Selection, Side } from '../selection.ts';
import type { ExportSink } from './export-sink.ts';

/** What makes one kind of an export's files is given. */
export interface Making {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly sink: ExportSink;
  readonly scope: ExportScope;
  readonly selection: Selection;
  /** What is not there though its submission is, by the path that it would have had. */
  readonly leftOut: { path: string; modality: Modality }[];
  /** Called often, with submissions done of this stage; throws where the work has to stop. */
  pulse(stage: string, done: number, total: number): Promise<void>;
}

/** Submissions whose patients' consent allows this kind of data. */
export const submissionsWith = ({ selection }: Making, modality: Modality): SelectedSubmission[] =>
  selection.submissions.filter(({ patient }) => patient.modalities.has(modality));

const SUBMISSIONS_AT_ONCE = 20;

/**
 * Submissions with what a statement gives for their recordings, some dozens at a time.
 * @param sql selects `recordingId` and whatever else for the recordings in $1 (uuid[])
 */
export async function* eachWith<Row extends { recordingId: string }>(
  making: Making,
  stage: string,
  submissions: readonly SelectedSubmission[],
  sql: string,
): AsyncGenerator<{ submission: SelectedSubmission; rows: Row[] }> {
  for (let from = 0; from < submissions.length; from += SUBMISSIONS_AT_ONCE) {
    const some = submissions.slice(from, from + SUBMISSIONS_AT_ONCE);
    await making.pulse(stage, from, submissions.length);
    const { rows } = await making.database.query<Row & Record<string, unknown>>(sql, [
      some.map(({ recordingId }) => recordingId),
    ]);
    const byRecording = new Map<string, Row[]>();
    for (const row of rows) {
      const known = byRecording.get(row.recordingId);
      if (known === undefined) byRecording.set(row.recordingId, [row]);
      else known.push(row);
    }
    for (const [i, submission] of some.entries()) {
      yield { submission, rows: byRecording.get(submission.recordingId) ?? [] };
      await making.pulse(stage, from + i + 1, submissions.length);
    }
  }
}

/** The sides of the fold that the part has, each of which label files keep apart. */
export const sidesOf = ({ fold, part }: ExportScope): Side[] => {
  if (fold === null) return ['all'];
  if (part === 'ALL') return ['train', 'test'];
  return [part === 'TRAIN' ? 'train' : 'test'];
};
