import { describe, expect, it } from 'vitest';
import { audioLabels, imageLabels, imageScoreLabels } from '../../../pipeline/labels/label-sets.ts';
import { parseSubmissionTimestamp, type SubmissionTimestamp } from '../../../pipeline/labels/submission-timestamp.ts';

const patient = { patient: '0008', painLevel: 'MODERATE', sex: 'F', skinType: 'I_III' } as const;
const at = parseSubmissionTimestamp('20201201T140021') as SubmissionTimestamp;
const survey = {
  painnow: 1,
  paintime: true,
  activity: 2,
  mood: 3,
  walking: 4,
  work: 5,
  relationships: 6,
  sleep: 7,
  enjoyment: 8,
};

describe('the label files', () => {
  it('name a face crop by patient, timestamp and frame, at two classes or four', () => {
    const labels = { files: '0008_20201201T140021_10.jpg', pain_class: 1, gender: 1, skin: 1 };
    expect(imageLabels(patient, at, 10, 2)).toEqual(labels);
    expect(imageLabels(patient, at, 10, 4)).toEqual({ ...labels, pain_class: 2 });
  });

  it('have the columns of the paper, in its order, each score under its name', () => {
    expect(Object.entries(imageScoreLabels(patient, at, survey, 1, 2))).toEqual([
      ['files', '0008_20201201T140021_1.jpg'],
      ['pain_class', 1],
      ['gender', 1],
      ['skin', 1],
      ['video_date', '20201201T140021'],
      ['subj', '0008'],
      ['timeframe', 2],
      ['s1-activity', 2],
      ['s1-enjoyment', 8],
      ['s1-mood', 3],
      ['s1-painnow', 1],
      ['s1-paintime', 1],
      ['s1-relationships', 6],
      ['s1-sleep', 7],
      ['s1-walking', 4],
      ['s1-work', 5],
      ['scores_absent', 0],
    ]);
  });

  it('write zeros and a flag where no survey was given', () => {
    const row = imageScoreLabels(patient, at, null, 1, 2);
    const scores = Object.entries(row).filter(([column]) => column.startsWith('s1-'));
    expect(scores.map(([, value]) => value)).toEqual(Array(9).fill(0));
    expect(row.scores_absent).toBe(1);
  });

  it('name spectrograms of chunks and of whole recordings', () => {
    expect(audioLabels(patient, at, 0, 2)).toEqual({
      filename: 'chunk_0008_0_20201201T140021.png',
      pain_class: 1,
      gender: 1,
      skin: 1,
      basename: 'chunk_0008_0_20201201T140021',
    });
    expect(audioLabels(patient, at, null, 4).filename).toBe('20201201T140021.png');
  });
});
