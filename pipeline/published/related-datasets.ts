/** A data set of facial pain that the study compares itself with (paper, Table 1). */
export interface RelatedDataset {
  readonly dataset: string;
  /** What caused the pain. */
  readonly stimulus: string;
  readonly subjects: number;
  readonly frames: number;
  /** null where unknown. */
  readonly sequences: number | null;
  /** Length of a sequence with its unit; null where unknown. */
  readonly sequenceDuration: string | null;
  readonly modality: 'UNIMODAL' | 'MULTIMODAL';
}

/** ISS itself is the last row. */
export const RELATED_DATASETS: readonly RelatedDataset[] = [
  {
    dataset: 'UNBC-McMaster',
    stimulus: 'Shoulder pain',
    subjects: 25,
    frames: 48398,
    sequences: 200,
    sequenceDuration: '10-30 s',
    modality: 'UNIMODAL',
  },
  {
    dataset: 'BioVid',
    stimulus: 'Heat',
    subjects: 90,
    frames: 8700,
    sequences: 87,
    sequenceDuration: '5.5 s',
    modality: 'MULTIMODAL',
  },
  {
    dataset: 'MIntPAIN',
    stimulus: 'Electrical',
    subjects: 20,
    frames: 187939,
    sequences: 9366,
    sequenceDuration: '1-10 s',
    modality: 'MULTIMODAL',
  },
  {
    dataset: 'EmoPain',
    stimulus: 'Chronic lower back pain',
    subjects: 22,
    frames: 44820,
    sequences: 35,
    sequenceDuration: '3 s',
    modality: 'MULTIMODAL',
  },
  {
    dataset: 'Neonatal Pain (USF)',
    stimulus: 'Heel lancing',
    subjects: 31,
    frames: 3026,
    sequences: 200,
    sequenceDuration: '9 s',
    modality: 'MULTIMODAL',
  },
  {
    dataset: 'UofR',
    stimulus: 'Painful movements',
    subjects: 102,
    frames: 162629,
    sequences: 95,
    sequenceDuration: null,
    modality: 'MULTIMODAL',
  },
  {
    dataset: 'X-ITE',
    stimulus: 'Heat and electrical',
    subjects: 134,
    frames: 26454,
    sequences: null,
    sequenceDuration: '7 s',
    modality: 'MULTIMODAL',
  },
  {
    dataset: 'ISS',
    stimulus: 'Chronic cancer pain',
    subjects: 29,
    frames: 189999,
    sequences: 509,
    sequenceDuration: '3.52-135.59 s',
    modality: 'MULTIMODAL',
  },
];
