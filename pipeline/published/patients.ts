import type { Sex, SkinType } from '../labels/demographics.ts';
import type { PainClass, PainLevel } from '../labels/pain.ts';

/** A patient of the published study (paper, Tables 6 and 7). */
export interface PublishedPatient {
  readonly patient: string;
  /** null, as the other figures, for 0009, whose videos could not be read. */
  readonly videos: number | null;
  /** Frames at ten per second. */
  readonly frames: number | null;
  readonly seconds: number | null;
  readonly averageSecondsPerVideo: number | null;
  /** Four-second chunks of sound, the shorter last one of a recording counted. */
  readonly chunks4s: number | null;
  readonly painLevel: PainLevel;
  readonly painClass: PainClass;
  readonly sex: Sex;
  readonly skinType: SkinType;
  /** null where Table 7 has none (0030). */
  readonly sourceDevice: string | null;
}

type Row = readonly [
  patient: string,
  videos: number | null,
  frames: number | null,
  seconds: number | null,
  averageSecondsPerVideo: number | null,
  chunks4s: number | null,
  painLevel: PainLevel,
  painClass: PainClass,
  sex: Sex,
  skinType: SkinType,
  sourceDevice: string | null,
];

// In the order of Table 6's patients; the type above names the columns.
const ROWS: readonly Row[] = [
  ['0001', 23, 1674, 167.23, 7.27, 53, 'NONE', 'NO_PAIN', 'M', 'IV_VI', 'Android'],
  ['0002', 23, 1721, 172.24, 7.49, 54, 'NONE', 'NO_PAIN', 'M', 'I_III', 'iOS'],
  ['0003', 5, 2558, 255.91, 51.18, 67, 'NONE', 'NO_PAIN', 'M', 'I_III', 'iOS'],
  ['0004', 5, 1605, 160.08, 32.02, 43, 'MODERATE', 'PAIN', 'M', 'I_III', 'iOS'],
  ['0005', 5, 2552, 255.17, 51.03, 67, 'MODERATE', 'PAIN', 'M', 'I_III', 'Clinic Only'],
  ['0006', 1, 193, 19.39, 19.39, 5, 'SEVERE', 'PAIN', 'F', 'IV_VI', 'Clinic Only'],
  ['0007', 26, 5398, 539.61, 20.75, 148, 'LOW', 'PAIN', 'M', 'IV_VI', 'Android'],
  ['0008', 25, 6938, 694.21, 27.77, 185, 'MODERATE', 'PAIN', 'F', 'I_III', 'iOS'],
  ['0009', null, null, null, null, null, 'LOW', 'PAIN', 'F', 'I_III', 'Android'],
  ['0010', 18, 3523, 352.43, 19.58, 95, 'SEVERE', 'PAIN', 'F', 'IV_VI', 'iOS'],
  ['0011', 26, 35249, 3525.39, 135.59, 896, 'SEVERE', 'PAIN', 'M', 'I_III', 'iOS'],
  ['0012', 55, 41373, 4136.35, 75.21, 1064, 'NONE', 'NO_PAIN', 'M', 'I_III', 'Android'],
  ['0013', 28, 6953, 694.98, 24.82, 187, 'NONE', 'NO_PAIN', 'M', 'I_III', 'Android'],
  ['0014', 43, 16685, 1669.08, 38.82, 435, 'NONE', 'NO_PAIN', 'M', 'I_III', 'iOS'],
  ['0015', 4, 1435, 143.57, 35.89, 38, 'SEVERE', 'PAIN', 'F', 'IV_VI', 'iOS'],
  ['0016', 16, 2438, 243.61, 15.23, 66, 'NONE', 'NO_PAIN', 'M', 'I_III', 'Android'],
  ['0017', 33, 12556, 1253.93, 38, 328, 'NONE', 'NO_PAIN', 'F', 'I_III', 'Android'],
  ['0018', 3, 2779, 278.08, 92.69, 71, 'NONE', 'NO_PAIN', 'M', 'I_III', 'iOS'],
  ['0019', 18, 635, 63.38, 3.52, 21, 'SEVERE', 'PAIN', 'F', 'I_III', 'Android'],
  ['0020', 8, 3222, 322.18, 40.27, 84, 'LOW', 'PAIN', 'M', 'I_III', 'iOS'],
  ['0021', 50, 14904, 1489, 29.78, 397, 'MODERATE', 'PAIN', 'F', 'I_III', 'Android'],
  ['0022', 11, 5413, 541.28, 49.21, 141, 'SEVERE', 'PAIN', 'F', 'I_III', 'iOS'],
  ['0023', 9, 3711, 371.34, 41.26, 98, 'SEVERE', 'PAIN', 'M', 'IV_VI', 'iOS'],
  ['0024', 17, 5332, 533.44, 31.38, 142, 'NONE', 'NO_PAIN', 'F', 'I_III', 'iOS'],
  ['0025', 15, 3504, 350.6, 23.37, 95, 'NONE', 'NO_PAIN', 'M', 'IV_VI', 'iOS'],
  ['0026', 4, 1073, 107.43, 26.86, 28, 'SEVERE', 'PAIN', 'M', 'IV_VI', 'Android'],
  ['0027', 9, 1478, 147.93, 16.44, 40, 'NONE', 'NO_PAIN', 'M', 'IV_VI', 'iOS'],
  ['0028', 19, 1467, 146.48, 7.71, 44, 'LOW', 'PAIN', 'M', 'IV_VI', 'iOS'],
  ['0029', 6, 1933, 193.27, 32.21, 51, 'NONE', 'NO_PAIN', 'M', 'IV_VI', 'iOS'],
  ['0030', 4, 1697, 169.73, 42.43, 45, 'LOW', 'PAIN', 'M', 'IV_VI', null],
];

const patientOf = (row: Row): PublishedPatient => {
  const [
    patient,
    videos,
    frames,
    seconds,
    averageSecondsPerVideo,
    chunks4s,
    painLevel,
    painClass,
    sex,
    skinType,
    device,
  ] = row;
  const size = { videos, frames, seconds, averageSecondsPerVideo, chunks4s };
  return { patient, ...size, painLevel, painClass, sex, skinType, sourceDevice: device };
};

/** The thirty patients that Table 6 lists, by code; 29 of them have data. */
export const PUBLISHED_PATIENTS: readonly PublishedPatient[] = ROWS.map(patientOf);

/** The 29 patients with data, on whom every published result rests. */
export const PUBLISHED_PATIENTS_WITH_DATA: readonly PublishedPatient[] = PUBLISHED_PATIENTS.filter(
  ({ videos }) => videos !== null,
);
