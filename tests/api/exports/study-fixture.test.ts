import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { fillStudy } from '../../support/study-fixture.ts';

let db: TestDatabase;
let folder: string;

beforeAll(async () => {
  db = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'iss-fixture-'));
});
afterAll(async () => {
  await db.stop();
  await rm(folder, { recursive: true });
});

test('the made study holds what a release promises, in every file, and its researcher exists', async () => {
  const objects = fileStore(folder);
  const study = await fillStudy({ pool: db.pool, objects });
  const { rows } = await db.database.query<{ key: string; sha256: string; kind: string }>(
    'SELECT object_key AS key, sha256, kind FROM artifact',
  );
  // Eleven submissions with nine files, one without sound with four.
  expect(rows).toHaveLength(11 * 9 + 4);
  for (const { key, sha256 } of rows)
    expect(
      createHash('sha256')
        .update(await readWhole(objects, key))
        .digest('hex'),
    ).toBe(sha256);
  const person = await addResearcher(db.pool, { name: 'ada', studyId: study.studyId });
  expect(person.actor).toEqual({ kind: 'account', accountId: person.accountId, grantId: person.grantId });
  expect(study.patients.map(({ code, split }) => [code, split])).toEqual([
    ['9001', 1],
    ['9002', 2],
    ['9003', 3],
    ['9004', 1],
    ['9005', 2],
    ['9006', 3],
  ]);
});
