import type { Row } from './row.ts';

/** Alias of the recording that a release has of a submission. `row` is the submission's, or one below it. */
export const recordingOf = (row: Row): string => {
  const submission = row.nearest('Submission');
  const id = submission.column('recording_id');
  return submission.join('recording', (alias) => `JOIN recording ${alias} ON ${alias}.id = ${id}`);
};

/** Alias of one of the recording's artifacts; its columns are null where the recording has none of the kind. */
export const artifactOf = (row: Row, kind: string): string => {
  const submission = row.nearest('Submission');
  const id = submission.column('recording_id');
  return submission.join(
    `artifact ${kind}`,
    (alias) => `LEFT JOIN artifact ${alias} ON ${alias}.recording_id = ${id} AND ${alias}.kind = '${kind}'`,
  );
};

/** Alias of the submission's quarantined ranges of time. */
export const spansOf = (row: Row): string => {
  const submission = row.nearest('Submission');
  const id = submission.column('submission_id');
  return submission.join('spans', (alias) => submission.scope.rows.spansJoin(id, alias));
};
