import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { sealedPlace } from '../../../api/adapters/objects/sealed-store.ts';
import { patientOwner } from '../../../api/services/ingest/drop-item.ts';
import { type Backbone, keptEmbeddings } from '../../../api/services/runs/kept-embeddings.ts';
import type { WantedPictures } from '../../../api/services/runs/picture-source.ts';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
let wanted: WantedPictures;
/** Pictures that the network was asked for. */
let asked = 0;
const backbone = (sha256 = 'a', factor = 1): Backbone => ({
  ...{ name: 'a small network', numbers: 2, sha256 },
  async of(file) {
    asked += 1;
    return Float32Array.of(factor * file.length, factor * (file[0] ?? 0));
  },
});
const { signal } = new AbortController();
const look = async (of: WantedPictures = wanted, by = backbone()) => {
  const before = asked;
  const numbers = await keptEmbeddings(world.base, by)(of, signal);
  return { numbers, kept: asked === before };
};
const patient = () => world.study.patients[1]!;
const rows = async () => (await world.db.pool.query('SELECT * FROM embedding ORDER BY created_at, id')).rows;

beforeAll(async () => {
  world = await startWorld({ patients: 3, submissions: 1, frames: 10, folds: 3 });
  const { recordingId } = patient().submissions[0]!;
  const { rows: packs } = await world.db.pool.query(
    `SELECT object_key AS "objectKey", to_json(offsets) AS offsets FROM artifact WHERE recording_id = $1 AND kind = 'FACES'`,
    [recordingId],
  );
  wanted = { recordingId, kind: 'FACES', pack: packs[0], parts: [0, 1, 3] };
});
afterAll(() => world.stop());
beforeEach(async () => {
  asked = 0;
  await world.db.pool.query('DELETE FROM embedding');
  await world.db.pool.query('UPDATE withdrawal SET taken_back_at = now() WHERE taken_back_at IS NULL');
  for await (const key of world.base.objects.list(sealedPlace(patientOwner(world.study.key, patient().code))))
    if (key.includes('/embeddings/')) await world.base.objects.remove(key);
});

describe('numbers of a recording’s pictures', () => {
  it('are made once and found from then on, number by number', async () => {
    const first = await look();
    expect([first.kept, asked, first.numbers.length]).toEqual([false, 3, 3]);
    const second = await look();
    expect([second.kept, asked]).toEqual([true, 3]);
    expect(second.numbers).toEqual(first.numbers);
  });

  it.each([
    ['other pictures', () => look({ ...wanted, parts: [0, 1] })],
    ['pictures that were stored anew', () => look({ ...wanted, pack: { ...wanted.pack, objectKey: copied } })],
    ['a network with other weights', () => look(wanted, backbone('b', 2))],
  ])('are made again of %s', async (_, other) => {
    await world.base.objects.put(copied, await readWhole(world.base.objects, wanted.pack.objectKey));
    await look();
    const made = asked;
    expect((await other()).kept).toBe(false);
    expect(asked).toBeGreaterThan(made);
    expect((await look()).kept).toBe(true);
  });
  const copied = 'artifacts/anew/faces';

  it('lie under the patient’s key, with a lineage of that patient alone', async () => {
    await look();
    const [row] = await rows();
    expect(row.object_key).toMatch(sealedPlace(patientOwner(world.study.key, patient().code)));
    const { rows: lineage } = await world.db.pool.query(
      `SELECT patient_id AS id FROM lineage WHERE subject = 'EMBEDDING' AND subject_id = $1`,
      [row.id],
    );
    expect(lineage).toEqual([{ id: patient().id }]);
  });

  it('are not taken where a withdrawal blocks them, and are again when it is taken back', async () => {
    await look();
    const [{ id }] = await rows();
    const withdrawal = randomUUID();
    await world.db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES ($1, $2, 'STOP_SHARING', 'asked', now())`,
      [withdrawal, patient().id],
    );
    await world.db.pool.query(
      `INSERT INTO withdrawal_mark (withdrawal_id, subject, subject_id, effect, at) VALUES ($1, 'EMBEDDING', $2, 'BLOCKED', now())`,
      [withdrawal, id],
    );
    expect((await look()).kept).toBe(false);
    await world.db.pool.query('UPDATE withdrawal SET taken_back_at = now() WHERE id = $1', [withdrawal]);
    expect((await look()).kept).toBe(true);
  });

  it('are kept of nobody who has withdrawn meanwhile, in no row and no object', async () => {
    await world.db.pool.query(
      `INSERT INTO withdrawal (id, patient_id, kind, reason, at) VALUES (gen_random_uuid(), $1, 'STOP_SHARING', 'asked', now())`,
      [patient().id],
    );
    expect((await look()).numbers).toHaveLength(3);
    expect(await rows()).toEqual([]);
    for await (const key of world.base.objects.list(sealedPlace(patientOwner(world.study.key, patient().code))))
      expect(key).not.toContain('/embeddings/');
  });

  it('are kept once by two who make them at the same time', async () => {
    const both = await Promise.all([look(), look()]);
    expect(both[0]!.numbers).toEqual(both[1]!.numbers);
    expect(await rows()).toHaveLength(1);
    expect((await look()).kept).toBe(true);
  });

  it.each([
    ['the same numbers', (bytes: Buffer) => bytes],
    ['what another machine made of them', (bytes: Buffer) => Buffer.from(bytes).fill(7, 0, 4)],
  ])('are kept though a run was killed that had stored %s and written no row', async (_, orphan) => {
    const { numbers } = await look();
    const [{ object_key: key }] = await rows();
    const bytes = Buffer.from(await readWhole(world.base.objects, key));
    await world.base.objects.remove(key);
    await world.base.objects.put(key, orphan(bytes));
    await world.db.pool.query('DELETE FROM embedding');
    expect((await look()).kept).toBe(false);
    const again = await look();
    expect([again.kept, again.numbers]).toEqual([true, numbers]);
  });

  it('leave nothing behind where two machines make other numbers of the same pictures at once', async () => {
    const other: Backbone = { ...backbone(), of: async () => Float32Array.of(1, 2) };
    await Promise.all([look(), look(wanted, other)]);
    const [{ object_key: kept }] = await rows();
    const keys: string[] = [];
    for await (const key of world.base.objects.list(sealedPlace(patientOwner(world.study.key, patient().code))))
      if (key.includes('/embeddings/')) keys.push(key);
    expect(keys).toEqual([kept]);
    expect((await look()).kept).toBe(true);
  });

  it('are made again where what was kept is damaged, cut short or gone', async () => {
    const { numbers } = await look();
    const [{ object_key: key }] = await rows();
    for (const other of [Buffer.alloc(24, 7), Buffer.alloc(8), null]) {
      await world.base.objects.remove(key);
      if (other) await world.base.objects.put(key, other);
      const again = await look();
      expect([again.kept, again.numbers]).toEqual([false, numbers]);
    }
  });

  it('are changed by nobody: the server’s role may write and read them alone', async () => {
    await look();
    for (const statement of ['DELETE FROM embedding', 'UPDATE embedding SET bytes = 0'])
      await expect(world.db.database.query(statement)).rejects.toThrow('permission denied');
  });
});
