import type { Modality } from '../../governance/modality.ts';

/** What a field of released data asks for beside what its parent does. */
export type Need = Modality | 'NOTHING';

const row = (need: Need, fields: string): Record<string, Need> =>
  Object.fromEntries(fields.split(' ').map((field) => [field, need]));

/**
 * Every field of every type of released data and the kind of data that it is, as the design's table has them (governance.md: "field | modality"); written
 * by hand beside `governance/fields.ts`, so that a change there is seen. A new field without a row fails a test.
 */
export const DATA_FIELDS: Readonly<Record<string, Readonly<Record<string, Need>>>> = {
  Release: {
    ...row('NOTHING', 'id version status statusReason statusChangedAt publishedAt notes errata digest study'),
    ...row('NOTHING', 'citation counts croissant experiments'),
    ...row('LABELS', 'patient patients split splits'),
  },
  Patient: {
    ...row('LABELS', 'id code sex skinType ageGroup painLevel painClass cohort sourceDevice submission submissions'),
    ...row('PAIN_SCORES', 'painTarget'),
  },
  Submission: {
    ...row('LABELS', 'id patient timestamp recordedAt timeframe setting durationSeconds status reason audioStatus'),
    ...row('LABELS', 'quality chunks frame frames frameCount'),
    ...row('PAIN_SCORES', 'painScores'),
    ...row('LANDMARKS', 'landmarks faceCount'),
    ...row('AUDIO_FEATURES', 'audioFeatures'),
    ...row('VIDEO', 'video'),
    ...row('AUDIO', 'audio'),
    ...row('SPECTROGRAMS', 'spectrogram spectrogramArray'),
    ...row('LABELS', 'audioLabels chunkLabels'),
    ...row('LANDMARKS', 'imageLabels'),
  },
  Quality: {
    ...row('LABELS', 'width height frameRate brightness contrast sharpness loudness clipping rotation'),
    ...row('LANDMARKS', 'faceShare'),
  },
  PainScores: row('PAIN_SCORES', 'painNow painTime activity mood walking work relationships sleep enjoyment'),
  Frame: {
    ...row('LABELS', 'id number timeSeconds submission'),
    ...row('FRAMES', 'image'),
    ...row('FACES', 'faceImage'),
    ...row('LANDMARKS', 'face'),
  },
  Face: { ...row('LANDMARKS', 'box score landmarks'), ...row('FACES', 'image') },
  FaceBox: row('LANDMARKS', 'x y width height'),
  Landmarks: row('LANDMARKS', 'count points file base64'),
  Chunk: {
    ...row('LABELS', 'id number startSeconds endSeconds firstFrame lastFrame submission'),
    ...row('AUDIO_FEATURES', 'audioFeatures'),
  },
  AudioFeatures: row(
    'AUDIO_FEATURES',
    'chroma spectralCentroid spectralBandwidth spectralRolloff zeroCrossingRate mfcc vector',
  ),
  ImageLabels: {
    ...row('LANDMARKS', 'files landmarks'),
    ...row('LABELS', 'painClass gender skin videoDate subj timeframe'),
    ...row(
      'PAIN_SCORES',
      's1Activity s1Enjoyment s1Mood s1Painnow s1Paintime s1Relationships s1Sleep s1Walking s1Work',
    ),
    ...row('PAIN_SCORES', 'scoresAbsent'),
  },
  AudioLabels: {
    ...row('LABELS', 'filename painClass gender skin basename subj'),
    ...row('AUDIO_FEATURES', 'acoustic'),
  },
  Split: row('LABELS', 'id number testPatients trainPatients counts disjoint'),
  SplitCounts: row('LABELS', 'testPatients testSubmissions trainPatients trainSubmissions'),
  // An address has no more to it than the file that it is of.
  SignedFile: row('NOTHING', 'bytes contentType expiresAt range sha256 url'),
  ByteRange: row('NOTHING', 'first last'),
};

/** Fields that hold nothing in the study of the tests, whoever looks. */
export const EMPTY_HERE: readonly string[] = [
  'Release.statusReason',
  'Release.statusChangedAt',
  'Submission.reason',
  'Release.counts',
  'Patient.sourceDevice',
  'SignedFile.sha256',
];
