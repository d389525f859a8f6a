import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { couplingParameters } from '../../../pipeline/synthetic/coupling.ts';
import { DropFolderTaken, type DropProgress, writeDrop } from '../../../pipeline/synthetic/drop.ts';
import { enrolmentCsv, syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import { SubmissionFailed } from '../../../pipeline/synthetic/worker-pool.ts';

const study = syntheticStudy({ seed: 4, patients: 2, submissionsPerPatient: 2, seconds: 0.6 });
const [a1, a2, b1] = study.submissions.map(({ patient, timestamp }) => join('submissions', patient, timestamp));

let drop: string;
beforeEach(async () => {
  drop = await mkdtemp(join(tmpdir(), 'synthetic-drop-'));
});
afterEach(() => rm(drop, { recursive: true, force: true }));

const filesIn = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true, withFileTypes: true }) as import('node:fs').Dirent[])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
const bytes = (name: string): Buffer => readFileSync(join(drop, name));
const writtenAt = (folder: string): Record<string, number> =>
  Object.fromEntries(filesIn(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]));

describe('writing a synthetic drop', () => {
  test('gives the form of the collection app, and says that it is synthetic', async () => {
    expect(await writeDrop(study, drop, { workers: 0 })).toEqual({ made: 4, kept: 0 });
    const folders = study.submissions.map(({ patient, timestamp }) => join('submissions', patient, timestamp));
    expect(filesIn(drop)).toEqual(
      [
        'README.md',
        'enrolment.csv',
        'study.json',
        ...folders.flatMap((f) => [join(f, 'narrative.mp4'), join(f, 'survey.csv')]),
      ].sort(),
    );
    expect(bytes('enrolment.csv').toString()).toBe(enrolmentCsv(study));
    expect(JSON.parse(bytes('study.json').toString())).toMatchObject({
      synthetic: true,
      settings: { seed: 4, patients: 2, submissionsPerPatient: 2, seconds: 0.6 },
      coupling: couplingParameters,
    });
    expect(bytes('README.md').toString()).toContain('Synthetic data.');
  });

  test('makes videos that decode to their frames and sound, with what a phone leaves in them', async () => {
    await writeDrop(study, drop, { workers: 0 });
    for (const { patient, timestamp, frames } of study.submissions) {
      const name = join('submissions', patient, timestamp, 'narrative.mp4');
      const phone = study.patients.find(({ code }) => code === patient)!.phone;
      const events = [];
      for await (const event of decodeRecording(join(drop, name))) if (event.kind !== 'frame') events.push(event);
      const end = events.at(-1);
      if (end?.kind !== 'end') throw new Error(JSON.stringify(end));
      expect(end.videoFrames).toBe(frames);
      expect(end.info.video).toMatchObject({ width: 240, height: 320, rotation: phone.storesLyingDown ? 90 : 0 });
      expect(end.info.audio).toMatchObject({ sampleRate: phone.sampleRate, channels: 1 });
      expect(bytes(name).includes(phone.model)).toBe(true);
      expect(bytes(name).includes(`Synthetic patient ${patient}`)).toBe(true);
    }
  });

  test('tells how far it is', async () => {
    const told: DropProgress[] = [];
    await writeDrop(study, drop, { workers: 0, onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([0, 1, 2, 3, 4].map((done) => ({ stage: 'VIDEOS', done, total: 4 })));
  });

  test('does nothing the second time', async () => {
    await writeDrop(study, drop, { workers: 0 });
    const before = writtenAt(drop);
    expect(await writeDrop(study, drop, { workers: 0 })).toEqual({ made: 0, kept: 4 });
    expect(writtenAt(drop)).toEqual(before);
  });

  test('makes again only what is missing, over what an interrupted run left', async () => {
    await writeDrop(study, drop, { workers: 0 });
    const whole = bytes(join(a2!, 'narrative.mp4'));
    const before = writtenAt(drop);
    rmSync(join(drop, a2!, 'narrative.mp4'));
    rmSync(join(drop, 'enrolment.csv'));
    await writeFile(join(drop, a2!, 'narrative.mp4.part'), 'half a video');
    expect(await writeDrop(study, drop, { workers: 0 })).toEqual({ made: 1, kept: 3 });
    expect(bytes(join(a2!, 'narrative.mp4')).equals(whole)).toBe(true);
    const after = writtenAt(drop);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const name of [join(a1!, 'narrative.mp4'), join(b1!, 'narrative.mp4'), join(a2!, 'survey.csv')]) {
      expect(after[name]).toBe(before[name]);
    }
  });

  test.each([0, 1])('stops when asked to, with %d workers, and goes on from there', async (workers) => {
    const stop = new AbortController();
    const reason = new Error('stopped by the test');
    const onProgress = ({ done }: DropProgress): void => {
      if (done === 1) stop.abort(reason);
    };
    await expect(writeDrop(study, drop, { workers, signal: stop.signal, onProgress })).rejects.toBe(reason);
    expect(existsSync(join(drop, 'enrolment.csv'))).toBe(false);
    expect(filesIn(drop).filter((name) => name.endsWith('.part'))).toEqual([]);
    const { made, kept } = await writeDrop(study, drop, { workers: 0 });
    expect(made + kept).toBe(4);
    expect(kept).toBeGreaterThanOrEqual(1);
    expect(made).toBeGreaterThanOrEqual(1);
  });

  test('does not begin when it is stopped already', async () => {
    await expect(writeDrop(study, drop, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(filesIn(drop)).toEqual([]);
  });

  test('gives the same files from worker processes', async () => {
    await writeDrop(study, drop, { workers: 0 });
    const other = await mkdtemp(join(tmpdir(), 'synthetic-drop-'));
    try {
      await writeDrop(study, other, { workers: 2 });
      expect(filesIn(other)).toEqual(filesIn(drop));
      for (const name of filesIn(drop)) {
        expect([name, readFileSync(join(other, name)).equals(bytes(name))]).toEqual([name, true]);
      }
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });

  test('says which submission a worker could not make, and leaves nothing half-done', async () => {
    // A file stands where the folder of the first submission must be.
    await writeDrop(study, drop, { workers: 0 });
    rmSync(join(drop, a1!), { recursive: true });
    await writeFile(join(drop, a1!), 'in the way');
    const { patient, timestamp } = study.submissions[0]!;
    const failed = writeDrop(study, drop, { workers: 1 });
    await expect(failed).rejects.toThrow(SubmissionFailed);
    await expect(failed).rejects.toThrow(`${patient}/${timestamp}`);
  });

  test('leaves a folder alone that holds something else', async () => {
    await writeFile(join(drop, 'enrolment.csv'), 'patient\n0101\n');
    await expect(writeDrop(study, drop, { workers: 0 })).rejects.toThrow(DropFolderTaken);
    expect(filesIn(drop)).toEqual(['enrolment.csv']);
  });

  test('leaves a folder alone that holds another study', async () => {
    const small = { patients: 1, submissionsPerPatient: 1, seconds: 0.5 };
    await writeDrop(syntheticStudy({ seed: 1, ...small }), drop, { workers: 0 });
    await expect(writeDrop(syntheticStudy({ seed: 2, ...small }), drop, { workers: 0 })).rejects.toThrow(
      DropFolderTaken,
    );
  });
});
