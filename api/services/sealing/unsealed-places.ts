/** Where objects lay before patients had keys; a job seals them, see `seal-older.ts`. */
export const UNSEALED = { sources: 'sources/', artifacts: 'artifacts/', exports: 'exports/' } as const;

/** Of a patient, with recordings and exports that name them. */
export const unsealedPlaces = (of: {
  readonly study: string;
  readonly patient: string;
  readonly recordings: readonly string[];
  readonly exports: readonly string[];
}): string[] => [
  `${UNSEALED.sources}${of.study}/${of.patient}/`,
  ...of.recordings.map((id) => `${UNSEALED.artifacts}${of.study}/${id}/`),
  ...of.exports.map(unsealedExport),
];

export const unsealedExport = (exportId: string): string => `${UNSEALED.exports}${exportId}/`;

/** The place that a source had, by the one that it has now. */
export const unsealedSource = (key: string): string => {
  const [, study, patient, , ...rest] = key.split('/');
  return `${UNSEALED.sources}${study}/${patient}/${rest.join('/')}`;
};
