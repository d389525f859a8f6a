import { createHash } from 'node:crypto';
import { checkpointFolder } from '../../../api/services/runs/run-place.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import type { Person } from './cast.ts';
import type { Stage } from './stage.ts';

const MODALITIES = ['LABELS', 'PAIN_SCORES'];

/** Exports, runs with checkpoints, and tokens, of people whose grants differ. */
export async function stageWork(stage: Stage): Promise<void> {
  const { world, ids, id, does } = stage;
  for (const [name, by] of [
    ['adas', 'ada'],
    ['hals', 'hal'],
    ['bobs', 'bob'],
  ] as const) {
    const made = await does(by, 'requestExport', { modalities: MODALITIES });
    ids.set(`export of ${name}`, made.export.id);
    await world.work('export');
  }
  // Each with a seed of its own: the same run of another would be given again.
  for (const [name, by, seed] of [
    ['adas', 'ada', 1],
    ['eves', 'eve', 2],
    ['lous', 'lou', 3],
    ['hals', 'hal', 4],
    ['bobs', 'bob', 5],
  ] as const satisfies readonly (readonly [string, Person, number])[]) {
    const { run } = await does(by, 'runBaseline', { experiment: 'random-forest-pain', seed });
    ids.set(`run of ${name}`, run.id);
    if (run.state === 'QUEUED') await world.work('run-baseline');
    await checkpoint(stage, `checkpoint of ${name}`, run.id);
  }
  for (const [name, by, grant] of [
    ['adas', 'ada', 'grant of approved'],
    ['eves', 'eve', 'grant of eves'],
  ] as const) {
    const { token } = await does(by, 'createToken', { grantId: id(grant), name: `§token-of-${name}` });
    ids.set(`token of ${name}`, token.id);
  }
  await does('eve', 'revokeToken', { id: id('token of eves') });
}

/** As a network's run keeps one. */
async function checkpoint({ world, ids }: Stage, name: string, run: string): Promise<void> {
  const [id, key] = [fixtureId(name), `${checkpointFolder(run)}fold-1.safetensors`];
  const bytes = Buffer.from(name);
  await world.base.objects.put(key, bytes);
  await world.db.pool.query(
    `INSERT INTO checkpoint (id, run_id, fold, epoch, object_key, bytes, sha256, reads, created_at) VALUES ($1, $2, 1, 10, $3, $4, $5, $6, now())`,
    [id, run, key, bytes.length, createHash('sha256').update(bytes).digest('hex'), MODALITIES],
  );
  ids.set(name, id);
}

/** What is made, and what waits, after somebody has withdrawn: nothing of it is marked. */
export async function stageFreshWork(stage: Stage): Promise<void> {
  const { world, ids, does } = stage;
  const made = await does('ada', 'requestExport', { modalities: MODALITIES });
  ids.set('fresh export', made.export.id);
  await world.work('export');
  const { rows } = await world.db.pool.query('SELECT manifest_sha256 AS sha256 FROM data_export WHERE id = $1', [
    made.export.id,
  ]);
  ids.set('manifest of the fresh export', rows[0]!.sha256 as string);
  const fresh = await does('ada', 'runBaseline', { experiment: 'random-forest-pain', seed: 6 });
  ids.set('fresh run', fresh.run.id);
  await world.work('run-baseline');
  await checkpoint(stage, 'fresh checkpoint', fresh.run.id);
  const { run } = await does('ada', 'runBaseline', { experiment: 'random-forest-pain', seed: 7, fold: 1 });
  ids.set('waiting run', run.id);
}
