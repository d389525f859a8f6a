import type { Modality } from './modality.ts';

/**
 * What a field of a data type needs: every one of these modalities (none: open to whoever sees its parent), or, with
 * `reads`, also every modality that the run behind it read.
 */
export interface FieldRule {
  readonly needs: readonly Modality[];
  readonly reads?: true;
}

const open: FieldRule = { needs: [] };
const labels: FieldRule = { needs: ['LABELS'] };
const scores: FieldRule = { needs: ['PAIN_SCORES'] };
const landmarks: FieldRule = { needs: ['LANDMARKS'] };
const features: FieldRule = { needs: ['AUDIO_FEATURES'] };
const need = (...needs: readonly Modality[]): FieldRule => ({ needs });

const all = (type: string, rule: FieldRule, fields: string): Record<string, FieldRule> =>
  Object.fromEntries(fields.split(' ').map((field) => [`${type}.${field}`, rule]));

/**
 * The modality of every field of every data type of the API, and of arguments that would tell as much as a field
 * (`Type.field(argument)`). The planner reads nothing that has no row here, and a test holds it against the schema.
 * Fields of connections, edges and signed files have the modality of the field that gives them.
 */
export const FIELD_RULES: Readonly<Record<string, FieldRule>> = {
  ...all(
    'Release',
    open,
    'id study version status statusReason statusChangedAt publishedAt notes errata citation digest counts croissant experiments experiment',
  ),
  ...all('Release', labels, 'patient patients submission frame splits split patients(filter)'),
  ...all(
    'Patient',
    labels,
    'id code sex skinType ageGroup painLevel painClass cohort sourceDevice release submissions submission submissions(filter)',
  ),
  ...all('Patient', scores, 'painTarget'),
  ...all(
    'PatientFilter',
    labels,
    'code codes sex skinType ageGroup painLevel painClass cohort sourceDevice split part and or not',
  ),
  ...all('PatientFilter', scores, 'painTarget painTargetAtLeast painTargetAtMost'),
  ...all(
    'Submission',
    labels,
    'id patient timestamp recordedAt timeframe setting durationSeconds status reason audioStatus quality chunks frameCount',
  ),
  ...all('Submission', labels, 'frames frame'),
  ...all('Submission', scores, 'painScores'),
  ...all('Submission', landmarks, 'landmarks landmarksFile faceCount faceShare frames(faceDetected)'),
  ...all('Submission', features, 'audioFeatures'),
  'Submission.video': need('VIDEO'),
  'Submission.audio': need('AUDIO'),
  'Submission.spectrogram': need('SPECTROGRAMS'),
  'Submission.spectrogramArray': need('SPECTROGRAMS'),
  'Submission.frameImages': need('FRAMES'),
  'Submission.faceImages': need('FACES'),
  ...all('Submission', labels, 'audioLabels chunkLabels'),
  ...all('Submission', landmarks, 'imageLabels'),
  // Which faces have landmarks is told by the names of the files; who looks at rows of it has LANDMARKS to begin with.
  ...all('ImageLabels', landmarks, 'files landmarks'),
  ...all('ImageLabels', labels, 'painClass gender skin videoDate subj timeframe'),
  ...all(
    'ImageLabels',
    scores,
    's1Activity s1Enjoyment s1Mood s1Painnow s1Paintime s1Relationships s1Sleep s1Walking s1Work scoresAbsent',
  ),
  ...all('AudioLabels', labels, 'filename painClass gender skin basename subj'),
  ...all('AudioLabels', features, 'acoustic'),
  ...all('SubmissionFilter', labels, 'timestamp from to timeframe setting status and or not'),
  ...all(
    'Quality',
    labels,
    'width height resolution frameRate framesPerSecond brightness contrast sharpness loudness clipping device rotation audioTracks',
  ),
  // Which frames have a face is landmark data, and so is the share of them.
  ...all('Quality', landmarks, 'faceShare'),
  ...all('PainScores', scores, 'painNow painTime activity mood walking work relationships sleep enjoyment recorded'),
  ...all('Frame', labels, 'id number timeSeconds submission'),
  'Frame.image': need('FRAMES'),
  // Pictures of faces tell which frames have one, to whoever may have the pictures (docs/decisions/releases.md).
  'Frame.faceImage': need('FACES'),
  ...all('Frame', landmarks, 'face faceDetected'),
  'Face.image': need('FACES'),
  ...all('Face', landmarks, 'box score landmarks'),
  ...all('FaceBox', landmarks, 'x y width height'),
  ...all('Landmarks', landmarks, 'count points file base64'),
  ...all(
    'AudioFeatures',
    features,
    'chroma spectralCentroid spectralBandwidth spectralRolloff zeroCrossingRate mfcc vector',
  ),
  ...all(
    'Chunk',
    labels,
    'id index number startSeconds endSeconds durationSeconds frameCount submission firstFrame lastFrame',
  ),
  ...all('Chunk', features, 'audioFeatures'),
  'Chunk.audio': need('AUDIO'),
  'Chunk.spectrogram': need('SPECTROGRAMS'),
  ...all('Split', labels, 'id number testPatients trainPatients counts disjoint release'),
  ...all('BaselineExperiment', open, 'id key number title modalities classes published description'),
  'BaselineExperiment.runs': need('BASELINES'),
  // That one asked for a run, and how far it is, is one's own; what came of it is not.
  ...all(
    'BaselineRun',
    open,
    'id experiment state status queue classes preset fold seed study synthetic release grantId createdAt startedAt finishedAt progress error result published comparable marked',
  ),
  ...all(
    'BaselineRun',
    need('BASELINES'),
    'patients overall interval byClass byLevel bySex bySkinType byDevice ranges patientsOver50 provenance codeVersion backend loss',
  ),
  // Results of patients, and of groups smaller than the policy's, say something about labels. So do numbers of rows: two runs, before and after a
  // withdrawal, would tell how many were whose.
  ...all('BaselineRun', need('BASELINES', 'LABELS'), 'rows byPatient byFold byCohort lowest tiedWithLowest madeFrom'),
  ...all('BaselineRun', { needs: ['BASELINES'], reads: true }, 'checkpoint checkpoints embeddings'),
};

/** The rule of a field (`Patient.sex`) or argument (`Submission.frames(faceDetected)`), or null: it cannot be read. */
export const fieldRule = (name: string): FieldRule | null =>
  Object.hasOwn(FIELD_RULES, name) ? (FIELD_RULES[name] ?? null) : null;

/** Types of which every field must have a rule. */
export const DATA_TYPES: readonly string[] = [
  ...new Set(Object.keys(FIELD_RULES).map((name) => name.split('.')[0] ?? '')),
];

/**
 * Fields of data types, given as `Type.field` names of the schema, that have no rule. Empty when the schema is whole.
 */
export const fieldsWithoutRule = (names: readonly string[]): readonly string[] =>
  names.filter((name) => DATA_TYPES.includes(name.split('.')[0] ?? '') && fieldRule(name) === null);
