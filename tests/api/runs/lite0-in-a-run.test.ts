import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addWeights } from '../../../api/services/weights/weights-store.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { startWorld, type World } from '../mutations/world.ts';

const PICTURES = 10;

describe.skipIf(!hasShared)(
  'EfficientNet-Lite0 in a run (its weights are in shared; skipped where they are absent)',
  () => {
    let world: World;
    let ann: FixturePerson;
    let sha256: string;
    beforeAll(async () => {
      world = await startWorld({ patients: 8, submissions: 1, frames: PICTURES, folds: 3 });
      ann = await addResearcher(world.db.pool, { studyId: world.study.studyId, now: world.clock.now(), name: 'ann' });
      await facesThatTell();
      const file = readFileSync(sharedPath('models', 'lite0', 'efficientnet-lite0.safetensors'));
      const added = await addWeights(world.base.config.dataDirectory, file, { now: world.clock.now() });
      expect(added.kind.key).toBe('efficientnet-lite0');
      sha256 = added.stored.sha256;
    });
    afterAll(() => world.stop());

    /** Faces of a patient in pain are redder than others'. */
    async function facesThatTell(): Promise<void> {
      const { pool } = world.db;
      const { rows } = await pool.query(
        `SELECT a.id, rp.pain_level AS level FROM artifact a JOIN recording r ON r.id = a.recording_id JOIN submission s ON s.id = r.submission_id
       JOIN release_patient rp ON rp.patient_id = s.patient_id AND rp.release_id = $1 WHERE a.kind = 'FACES'`,
        [world.study.releaseId],
      );
      for (const { id, level } of rows) {
        const background = level === 'NONE' ? '#2060c0' : '#c02020';
        const picture = await sharp({ create: { width: 160, height: 160, channels: 3, background } })
          .jpeg()
          .toBuffer();
        await world.base.objects.put(`artifacts/real/${id}`, Buffer.concat(Array(PICTURES).fill(picture)));
        await pool.query('UPDATE artifact SET object_key = $2, offsets = $3 WHERE id = $1', [
          ...[id, `artifacts/real/${id}`, Array.from({ length: PICTURES + 1 }, (_, part) => part * picture.length)],
        ]);
      }
    }

    async function ran(input: Record<string, unknown>) {
      const wanted = { experiment: 'resnet50-2-static', preset: 'desk', ...input };
      const { run } = await world.give(ann, 'runBaseline', wanted, '... on RunBaselineSuccess { run { id } }');
      await world.work('run-baseline');
      const query = 'query($id: ID!) { run(id: $id) { state error { message } result { overall } provenance } }';
      return (await world.ask(ann, query, { id: run.id })).data.run;
    }

    it('makes a desk’s numbers of pictures, is named in the result with its hash, and looks at each picture once', async () => {
      const first = await ran({ seed: 1 });
      expect([first.state, first.error]).toEqual(['SUCCEEDED', null]);
      expect(first.provenance).toMatchObject({
        backbone: expect.stringContaining('EfficientNet-Lite0, 1280 numbers'),
        backboneSha256: sha256,
        weights: { 'efficientnet-lite0': sha256 },
      });
      expect(JSON.stringify(first.provenance.comparable)).toContain('EfficientNet-Lite0');
      const kept = async () => (await world.db.pool.query('SELECT id FROM embedding ORDER BY id')).rows;
      const made = await kept();
      expect(made).toHaveLength(8);
      const again = await ran({ seed: 2 });
      expect(await kept()).toEqual(made);
      // How many recordings there were is as little told as numbers of rows.
      expect(JSON.stringify([first.provenance, again.provenance])).not.toContain('recordings');
      // What the pictures tell, its numbers tell.
      expect(Math.max(first.result.overall, again.result.overall)).toBeGreaterThan(0.9);
    }, 60_000);

    it('is no part of a smoke', async () => {
      const { provenance } = await ran({ preset: 'smoke' });
      expect(provenance.backbone).not.toContain('EfficientNet');
      expect(provenance.weights).toBeUndefined();
    }, 60_000);
  },
);
