import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import { DATA_TYPES, FIELD_RULES, fieldRule, fieldsWithoutRule } from '../../governance/fields.ts';
import { draftProblems, FORBIDDEN_USES, formProblems } from '../../governance/forms.ts';
import { CLASS_OF, isIdentifiable, isModality, MODALITIES } from '../../governance/modality.ts';
import { parsePolicy } from '../../governance/policy.ts';
import { TRAINING_TYPES } from '../../governance/training.ts';
import { isUse } from '../../governance/use.ts';
import { form } from './request/a-request.ts';

describe('the policy', () => {
  it('that a study starts with is valid, and asks what the rules say', () => {
    expect(parsePolicy(JSON.parse(JSON.stringify(DEFAULT_POLICY)))).toEqual(DEFAULT_POLICY);
    const asks = Object.entries(DEFAULT_POLICY.classes).map(([name, { training, stewards }]) => [
      name,
      training.length,
      stewards,
    ]);
    expect(asks).toEqual([
      ['labels', 3, 1],
      ['features', 3, 1],
      ['biometric', 5, 1],
      ['identifiable', 6, 2],
    ]);
    expect(DEFAULT_POLICY.smallCell).toBe(5);
    for (const type of TRAINING_TYPES) expect(DEFAULT_POLICY.training[type].courses.length).toBeGreaterThan(0);
  });

  const withTraining = (change: object) => ({
    ...DEFAULT_POLICY,
    training: { ...DEFAULT_POLICY.training, HIPAA: { ...DEFAULT_POLICY.training.HIPAA, ...change } },
  });

  it.each([
    ['a duration of zero', withTraining({ durationMonths: 0 })],
    ['a missing duration', withTraining({ durationMonths: undefined })],
    ['no accepted course', withTraining({ courses: [] })],
    [
      'a link that is not https',
      withTraining({ courses: [{ key: 'x', title: 'x', provider: 'x', url: 'javascript:alert(1)' }] }),
    ],
    [
      'controlled data without a grant',
      {
        ...DEFAULT_POLICY,
        classes: { ...DEFAULT_POLICY.classes, labels: { ...DEFAULT_POLICY.classes.labels, grant: false } },
      },
    ],
    ['a time zone that is none', { ...DEFAULT_POLICY, timeZone: 'Mars/Olympus' }],
    ['a grant of two years', { ...DEFAULT_POLICY, grant: { ...DEFAULT_POLICY.grant, maxMonths: 24 } }],
    ['a word that it does not know', { ...DEFAULT_POLICY, forEver: true }],
  ])('with %s is refused', (_, policy) => {
    expect(() => parsePolicy(policy)).toThrow();
  });
});

describe('modalities', () => {
  it('are those of the API, in its order, each in one class', () => {
    expect(MODALITIES.join(' ')).toBe(
      'LABELS PAIN_SCORES AUDIO_FEATURES BASELINES LANDMARKS SPECTROGRAMS VIDEO FRAMES FACES AUDIO',
    );
    expect(Object.keys(CLASS_OF)).toEqual([...MODALITIES]);
    expect(MODALITIES.filter(isIdentifiable)).toEqual(['SPECTROGRAMS', 'VIDEO', 'FRAMES', 'FACES', 'AUDIO']);
    expect(['VIDEO', 'video', ''].map(isModality)).toEqual([true, false, false]);
    expect(['READ', 'WRITE'].map(isUse)).toEqual([true, false]);
  });
});

describe('fields', () => {
  const needs = (name: string): string => fieldRule(name)?.needs.join(' ') ?? 'no rule';

  it('have the modality that the rules give them', () => {
    const table = {
      'Patient.code': 'LABELS',
      'Patient.skinType': 'LABELS',
      'Patient.painTarget': 'PAIN_SCORES',
      'Patient.painLevel': 'LABELS',
      'Submission.timestamp': 'LABELS',
      'Submission.quality': 'LABELS',
      'Submission.painScores': 'PAIN_SCORES',
      'Submission.video': 'VIDEO',
      'Submission.audio': 'AUDIO',
      'Submission.spectrogram': 'SPECTROGRAMS',
      'Submission.audioFeatures': 'AUDIO_FEATURES',
      'Submission.frames(faceDetected)': 'LANDMARKS',
      'Frame.image': 'FRAMES',
      'Frame.face': 'LANDMARKS',
      'Face.image': 'FACES',
      'Face.box': 'LANDMARKS',
      'Landmarks.points': 'LANDMARKS',
      'Chunk.audioFeatures': 'AUDIO_FEATURES',
      'Split.testPatients': 'LABELS',
      'BaselineRun.overall': 'BASELINES',
      'BaselineRun.byPatient': 'BASELINES LABELS',
      'Release.version': '',
    };
    expect(Object.fromEntries(Object.keys(table).map((name) => [name, needs(name)]))).toEqual(table);
    expect(fieldRule('BaselineRun.checkpoint')).toEqual({ needs: ['BASELINES'], reads: true });
  });

  it('without a rule are named, on data types alone', () => {
    expect(fieldsWithoutRule(['Patient.sex', 'Patient.name', 'Viewer.roles', 'Face.toString'])).toEqual([
      'Patient.name',
      'Face.toString',
    ]);
    expect(fieldRule('toString')).toBeNull();
    expect(DATA_TYPES).toContain('Submission');
    for (const { needs: modalities } of Object.values(FIELD_RULES)) expect(modalities.every(isModality)).toBe(true);
  });
});

describe('a request form', () => {
  it('that is complete has no problems, as a draft either', () => {
    expect([formProblems(form), draftProblems(form), draftProblems({})]).toEqual([[], [], []]);
  });

  it('that is empty says everything that is missing', () => {
    expect(formProblems({}).map(({ path }) => path)).toEqual([
      'title',
      'plainSummary',
      'detail',
      'position',
      'items',
      'securityPlan',
      'attestsNist800171',
      'ethicsApproval',
      'dataUse',
      'durationMonths',
      'acceptsForbidden',
    ]);
  });

  it.each([
    ['items.0.uses', { items: [{ ...form.items[0]!, uses: [] }] }],
    ['items.0.why', { items: [{ ...form.items[0]!, why: 'need' }] }],
    ['items', { items: [form.items[0]!, form.items[0]!] }],
    ['dataUse', { dataUse: ['NCU'] }],
    ['acceptsForbidden', { acceptsForbidden: form.acceptsForbidden.slice(1) }],
    ['title', { title: '\u200b'.repeat(6) }],
    ['plainSummary', { plainSummary: '\u2800'.repeat(60) }],
    ['detail', { detail: `words${'\u3164'.repeat(90)}` }],
    ['position', { position: '\u2060\u2060\u2060' }],
    ['securityPlan', { securityPlan: '\u{e0041}'.repeat(50) }],
    ['items.0.why', { items: [{ ...form.items[0]!, why: '\u115f'.repeat(20) }] }],
  ])('is not complete at %s', (path, change) => {
    expect(formProblems({ ...form, ...change }).map((problem) => problem.path)).toEqual([path]);
  });

  it('cannot hold what is no part of it', () => {
    expect(draftProblems({ admin: true }).length).toBe(1);
    expect(draftProblems({ items: [{ modality: 'EVERYTHING', uses: [], why: '' }] })[0]?.path).toBe('items.0.modality');
    expect(draftProblems({ durationMonths: 13 })[0]?.path).toBe('durationMonths');
    expect(Object.keys(FORBIDDEN_USES).length).toBe(5);
  });
});
