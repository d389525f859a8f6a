/** A fact of the study's design: what it is, its value, and the section of the paper that it comes from. */
export interface StudyFact {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly source: string;
}

/** What the study is, said in a few sentences of our own. */
export const STUDY_DESCRIPTION = {
  key: 'iss',
  name: 'Intelligent Sight and Sound',
  shortName: 'ISS',
  registration: 'NCT04442425',
  protocol: '20C0130',
  sponsor: 'US National Cancer Institute, Center for Cancer Research',
  citation:
    'Ordun C, Cha AN, Raff E, Gaskin B, Hanson A, Rule M, Purushotham S, Gulley JL. Intelligent Sight and Sound: A Chronic Cancer Pain Dataset.',
  summary:
    'People in treatment for cancer film themselves with a phone, at home, saying how they feel, and fill in a short pain questionnaire each time. ' +
    'The study asks how well a model can tell, from face and voice, the pain that a patient reports, and whether it does so equally well for both sexes and for light and dark skin.',
  contents:
    'From every recording come frames, face crops, facial landmarks, sound, spectrograms and audio features, beside the nine answers of its questionnaire. ' +
    'The label is one pain level per patient, reported at enrolment and fixed from then on; nobody else rated the videos.',
  caution:
    'Faces and voices identify people, so the data are released case by case only. With 29 patients, of whom 13 report no pain, results for small groups are uncertain. ' +
    'Skin type is a self-report in two broad groups on a scale made for sunburn; it stands for neither race nor ethnicity.',
} as const;

/** How the study is run, in the order in which a reader would ask. */
export const STUDY_DESIGN: readonly StudyFact[] = [
  { key: 'type', label: 'Type', value: 'Observational, one site, no intervention', source: 'Section 1' },
  { key: 'goal', label: 'Enrolment goal', value: '112 patients: 90 adults, 22 aged 12 to 17', source: 'Section 3' },
  { key: 'cohorts', label: 'Cohorts', value: '16 of 7 patients, by pain level, skin type and sex', source: 'Table 2' },
  { key: 'enrolled', label: 'With data so far', value: '29 adults, no children', source: 'Section 3.1' },
  { key: 'period', label: 'Period of the data', value: 'December 2020 to July 2021', source: 'Table 1' },
  { key: 'participation', label: 'Time in the study', value: '3 months for each patient', source: 'Table 3' },
  { key: 'remote', label: 'From home', value: '3 submissions a week, one a day at most', source: 'Table 3' },
  {
    key: 'clinic',
    label: 'In the clinic',
    value: '1 to 4 submissions a week, few because of Covid-19',
    source: 'Table 3',
  },
  { key: 'device', label: 'Recorded with', value: 'The patient’s own phone or computer', source: 'Table 3' },
  {
    key: 'questionnaire',
    label: 'Questionnaire',
    value: 'Nine questions from the Brief Pain Inventory',
    source: 'Section 3.2',
  },
  {
    key: 'passage',
    label: 'First recording',
    value: 'A short neutral text read aloud; not part of the data',
    source: 'Section 3.2',
  },
  {
    key: 'narrative',
    label: 'Second recording',
    value: 'The patient says how they feel: the narrative',
    source: 'Section 3.2',
  },
  { key: 'label', label: 'Label', value: 'Worst pain of the 30 days before enrolment, 0 to 10', source: 'Section 3.1' },
  { key: 'levels', label: 'Pain levels', value: 'NONE 0, LOW 1-3, MODERATE 4-6, SEVERE 7-10', source: 'Section 3.1' },
  {
    key: 'validation',
    label: 'Validation',
    value: 'Ten folds; no patient in training and test of one fold',
    source: 'Appendix F',
  },
  {
    key: 'accuracy',
    label: 'Accuracy',
    value: 'Mean over patients of each patient’s share predicted right',
    source: 'Section 5',
  },
  {
    key: 'access',
    label: 'Access',
    value: 'Restricted, granted case by case under NIH stewardship',
    source: 'Section 3.4',
  },
];
