/** A place where the paper disagrees with itself, with what each place says and what this product goes by. */
export interface Erratum {
  /** Stable, for citation: `paper-01` to `paper-16`. */
  readonly id: string;
  readonly title: string;
  /** What is printed, and where. */
  readonly printed: readonly { readonly where: string; readonly value: string }[];
  /** What we use, and why. */
  readonly used: string;
}

/** The inconsistencies found when the paper's tables were checked against each other; they belong to release 1.0 of ISS. */
export const PUBLISHED_ERRATA: readonly Erratum[] = [
  {
    id: 'paper-01',
    title: 'Number of cohorts',
    printed: [
      { where: 'Section 3.1', value: '12 cohorts' },
      { where: 'Table 2', value: '16 cohorts' },
    ],
    used: 'Sixteen: four levels, two skin types, two sexes. Seven patients in each make the goal of 112.',
  },
  {
    id: 'paper-02',
    title: 'Number of patients enrolled',
    printed: [
      { where: 'Table 2', value: '30' },
      { where: 'Table 4 and all analyses', value: '29' },
    ],
    used: '29. Patient 0009 is enrolled and counted in cohort 2B, but no video of theirs could be read.',
  },
  {
    id: 'paper-03',
    title: 'Pain level of patient 0002 (fold 1)',
    printed: [
      { where: 'Table 6', value: 'NONE, NO_PAIN' },
      { where: 'Table 11', value: 'LOW, PAIN' },
    ],
    used: 'NONE and NO_PAIN: labels follow Table 6.',
  },
  {
    id: 'paper-04',
    title: 'Pain class of patient 0007 (fold 7)',
    printed: [
      { where: 'Table 6', value: 'LOW, PAIN' },
      { where: 'Table 11', value: 'LOW, NO_PAIN' },
    ],
    used: 'LOW and PAIN: every level above NONE is PAIN.',
  },
  {
    id: 'paper-05',
    title: 'Pain level of patient 0030 (fold 10)',
    printed: [
      { where: 'Table 6', value: 'LOW, PAIN' },
      { where: 'Table 11', value: 'NONE, NO_PAIN' },
    ],
    used: 'LOW and PAIN: labels follow Table 6.',
  },
  {
    id: 'paper-06',
    title: 'Rows of pain scores',
    printed: [
      { where: 'Table 10', value: '537 rows' },
      { where: 'Tables 4 and 6', value: '509 videos, one survey each' },
    ],
    used: 'One row for each submission, 509. Fold 4 is printed with 26 rows for 30 videos, other folds with more rows than videos.',
  },
  {
    id: 'paper-07',
    title: 'Patients behind the results of the forest on pain scores',
    printed: [
      { where: 'Table 12, accuracy ranges', value: '28 patients; other models 29' },
      { where: 'Table 5, all classes', value: '0.650' },
      { where: 'Table 5, mean of its own classes over patients', value: '0.6486' },
    ],
    used: '0.650 is shown as published. Our own runs are evaluated over all 29 patients.',
  },
  {
    id: 'paper-08',
    title: 'Longest average video',
    printed: [
      { where: 'Table 4', value: '135.79 s' },
      { where: 'Tables 1 and 6', value: '135.59 s' },
    ],
    used: '135.59 s, which is 3,525.39 s in 26 videos.',
  },
  {
    id: 'paper-09',
    title: 'What the loss of 2.86 % refers to',
    printed: [
      { where: 'Section 3.3', value: '2.86 % of faces have no landmarks' },
      { where: 'the counts beside it', value: '173,011 faces in 189,999 frames, 168,063 with landmarks' },
    ],
    used: 'Both hold: a face in 91.06 % of frames, landmarks for all but 2.86 % of those faces. They are kept apart.',
  },
  {
    id: 'paper-10',
    title: 'What cohorts are made of',
    printed: [
      { where: 'Appendix H', value: 'age and sex' },
      { where: 'Section 3.1 and Table 2', value: 'pain level, skin type and sex' },
    ],
    used: 'Pain level, skin type and sex. Age forms no cohort.',
  },
  {
    id: 'paper-11',
    title: 'Imbalance of NONE against LOW, in frames',
    printed: [
      { where: 'Table 4', value: '8.57' },
      { where: 'Appendix G', value: '8.50' },
    ],
    used: '8.57, the ratio of 100,984 to 11,784 frames.',
  },
  {
    id: 'paper-12',
    title: 'Device of patient 0030, and an hour that does not exist',
    printed: [
      { where: 'Table 7', value: 'no row for 0030' },
      { where: 'Appendix D, rule for early_nite', value: 'hours 21 to 24' },
    ],
    used: 'The device is unknown. Hours run from 00 to 23, so early_nite is 21 to 23.',
  },
  {
    id: 'paper-13',
    title: 'Length of the footage still expected',
    printed: [
      { where: 'Section 6', value: '3.8 hours' },
      { where: 'Section 6, from 543,733 frames', value: '15.1 hours at ten frames a second' },
    ],
    used: '15.1 hours; the number of frames is taken as right.',
  },
  {
    id: 'paper-14',
    title: 'Shortest narrative',
    printed: [
      { where: 'Table 4', value: '3.52 s' },
      { where: 'Section 3.2, asked of the patient', value: '15 s to 3 min' },
    ],
    used: '3.52 s, the lowest average of a patient. Recordings shorter than asked for exist and are kept.',
  },
  {
    id: 'paper-15',
    title: 'Type of painnow',
    printed: [
      { where: 'Appendix D', value: 'painnow is a yes/no value' },
      { where: 'Section 3.2', value: 'pain now is scored 0 to 10; the question of lasting pain is yes/no' },
    ],
    used: 'painnow is 0 to 10, paintime is yes/no.',
  },
  {
    id: 'paper-16',
    title: 'References to the wrong table and experiment',
    printed: [
      { where: 'Sections 4 and 5, test patients of the folds', value: 'Table 10' },
      { where: 'Appendix F, test patients of the folds', value: 'Table 11' },
      { where: 'Section 5, forest on pain scores', value: 'Experiment 2' },
      { where: 'Table 5, forest on pain scores', value: 'Experiment 3' },
    ],
    used: 'Table 11 and Experiment 3.',
  },
];
