/**
 * Data Use Ontology codes (DUO, Global Alliance for Genomics and Health) in the study's narrow reading. A patient's
 * consent lists what is permitted and under which conditions; a grant's purpose lists what the research is and which
 * conditions it meets. What is not understood permits nothing.
 *
 * Disease-specific codes carry a Mondo identifier: `DS:MONDO:0004992`. Only the same identifier matches.
 */
export const DUO_CODES = {
  NRES: { id: 'DUO:0000004', kind: 'permission', title: 'no restriction' },
  GRU: { id: 'DUO:0000042', kind: 'permission', title: 'general research use' },
  HMB: { id: 'DUO:0000006', kind: 'permission', title: 'health, medical or biomedical research' },
  DS: { id: 'DUO:0000007', kind: 'permission', title: 'research on one disease' },
  POA: { id: 'DUO:0000011', kind: 'permission', title: 'research on population origins or ancestry' },
  MDS: { id: null, kind: 'purpose', title: 'development of methods for their own sake' },
  NMDS: { id: 'DUO:0000015', kind: 'condition', title: 'no development of methods' },
  IRB: { id: 'DUO:0000021', kind: 'condition', title: 'ethics approval required' },
  PUB: { id: 'DUO:0000019', kind: 'condition', title: 'results are to be published' },
  COL: { id: 'DUO:0000020', kind: 'condition', title: 'collaboration with the study required' },
  RTN: { id: 'DUO:0000029', kind: 'condition', title: 'derived data is to be returned' },
  NPU: { id: 'DUO:0000045', kind: 'condition', title: 'not-for-profit organisations only' },
  NCU: { id: 'DUO:0000046', kind: 'condition', title: 'non-commercial use only' },
  NPUNCU: { id: 'DUO:0000018', kind: 'condition', title: 'not-for-profit organisations and non-commercial use only' },
} as const;

const DISEASE = /^DS:MONDO:\d{7}$/;

/** The prefix of disease-specific codes: others of them beside the one that permits do no harm. */
export const DISEASE_PREFIX = 'DS:';

/** True for a code that a form may name: one of the table, `DS` with its Mondo identifier. */
export const isDataUseCode = (code: string): boolean =>
  (code !== 'DS' && Object.hasOwn(DUO_CODES, code)) || DISEASE.test(code);

/** Permissions in a consent that allow research of one kind. */
const permittedBy = (research: string): readonly string[] => {
  if (DISEASE.test(research)) return ['NRES', 'GRU', 'HMB', research];
  if (research === 'HMB') return ['NRES', 'GRU', 'HMB'];
  if (research === 'POA') return ['NRES', 'GRU', 'POA'];
  // Methods for their own sake are general research: a consent to health research alone does not cover them.
  return ['NRES', 'GRU'];
};

const RESEARCH: ReadonlySet<string> = new Set(['GRU', 'HMB', 'POA', 'MDS']);
const PERMISSIONS = ['NRES', 'GRU', 'HMB', 'POA'] as const;
const CONDITIONS = ['IRB', 'PUB', 'COL', 'RTN', 'NPU', 'NCU', 'NPUNCU'] as const;

/** What a purpose means for consents, ready for set operations (in SQL, of arrays). */
export interface DataUseMatch {
  /** A consent permits when it has at least one of these … */
  readonly permitting: readonly string[];
  /** … and nothing but these (and disease codes): the permissions, and the conditions that the purpose meets. */
  readonly tolerated: readonly string[];
}

/**
 * The consents that a purpose fits: those that permit every kind of research it names, under conditions that it meets
 * all of. A purpose that names no kind of research, or anything unknown, fits none.
 */
export const dataUseMatch = (purpose: readonly string[]): DataUseMatch => {
  const research = purpose.filter((code) => RESEARCH.has(code) || DISEASE.test(code));
  if (research.length === 0 || !purpose.every(isDataUseCode)) return { permitting: [], tolerated: [] };
  const permitting = permittedBy(research[0] ?? '').filter((code) =>
    research.every((kind) => permittedBy(kind).includes(code)),
  );
  const met = new Set<string>(CONDITIONS.filter((code) => purpose.includes(code)));
  if (met.has('NPUNCU')) met.add('NPU').add('NCU');
  if (met.has('NPU') && met.has('NCU')) met.add('NPUNCU');
  if (!purpose.includes('MDS')) met.add('NMDS');
  return { permitting, tolerated: [...PERMISSIONS, ...met] };
};
