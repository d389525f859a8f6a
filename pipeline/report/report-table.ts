/** Number, text, several codes, or nothing. */
export type CellValue = number | string | null;

export interface ReportColumn {
  readonly key: string;
  readonly title: string;
  /** null for names, counts and shares. */
  readonly unit: string | null;
}

/** A value as this study has it and as the paper printed it. */
export interface ReportCell {
  readonly value: CellValue;
  /** null where nothing stands beside it. */
  readonly published: CellValue;
  /** Whether the two agree as far as the paper prints; null where one is missing. */
  readonly agrees: boolean | null;
  /** Errata of the paper that concern it, such as `paper-06`. */
  readonly errata: readonly string[];
}

export interface ReportTable {
  /** As in the paper. */
  readonly number: number;
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  /** A cell for every column. */
  readonly rows: readonly (readonly ReportCell[])[];
}

/** A patient of the study under report. */
export interface ReportPatient {
  readonly code: string;
  readonly sex: 'M' | 'F';
  readonly skinType: 'I_III' | 'IV_VI';
  readonly painLevel: 'NONE' | 'LOW' | 'MODERATE' | 'SEVERE';
  readonly painClass: 'NO_PAIN' | 'PAIN';
  readonly cohort: string;
  readonly sourceDevice: string | null;
  /** The fold that withholds them. */
  readonly split: number;
}

/** What of a recording is counted. */
export interface ReportRecording {
  readonly patient: string;
  readonly frames: number;
  readonly seconds: number;
  readonly chunks: number;
  /** Frames with a face, and of those the ones with landmarks; null where whoever asks may not know. */
  readonly faces: number | null;
  readonly landmarks: number | null;
}

/** What a table is made from. */
export interface ReportInput {
  readonly patients: readonly ReportPatient[];
  readonly recordings: readonly ReportRecording[];
  /** The study's code of a published patient; null where no published value stands beside the study's. */
  readonly codeOf: ((published: string) => string) | null;
}

export const column = (key: string, title: string, unit: string | null = null): ReportColumn => ({ key, title, unit });

/** A cell with nothing published beside it. */
export const plain = (value: CellValue): ReportCell => ({ value, published: null, agrees: null, errata: [] });

/**
 * A cell beside the published one. Numbers agree where they are the same rounded, or cut off as the paper does in places, to the decimals
 * that it prints.
 */
export const beside = (
  value: CellValue,
  published: CellValue | undefined,
  errata: readonly string[] = [],
  decimals = 0,
): ReportCell => {
  if (published === undefined) return { ...plain(value), errata };
  return {
    value,
    published,
    agrees: value === null && published !== null ? null : same(value, published, decimals),
    errata,
  };
};

const same = (value: CellValue, published: CellValue, decimals: number): boolean => {
  if (typeof value !== 'number' || typeof published !== 'number') return value === published;
  const unit = 10 ** decimals;
  // A sum of hundredths is not exact in binary.
  const exact = Math.round(value * unit * 1e6) / 1e6;
  const printed = Math.round(published * unit);
  return Math.round(exact) === printed || Math.trunc(exact) === printed;
};

export const sumOf = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** A sum of what may not be known is not known. */
export const sumKnown = <Item>(items: readonly Item[], of: (item: Item) => number | null): number | null =>
  items.some((item) => of(item) === null) ? null : sumOf(items, (item) => of(item) as number);

/** To so many decimals. */
export const rounded = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals;
