import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../mutations/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 3, submissions: 1, frames: 10 });
}, 60_000);
afterAll(() => world.stop());

const HEAD = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on,split';
const open = async (...lines: string[]) => {
  const enrolment = Buffer.from([HEAD, ...lines, ''].join('\n')).toString('base64');
  const { drop } = await world.give(
    'cy',
    'openDrop',
    { study: world.study.key, enrolment, items: [] },
    '... on OpenDropSuccess { drop { id corrections { patient field from to } } }',
  );
  return drop as { id: string; corrections: Record<string, string | null>[] };
};

describe('what a drop corrects of patients who are there', () => {
  let dropId = '';

  it('is said of each, from what to what, and of nobody who is new or stays the same', async () => {
    await open('9001,M,I-III,2,iPhone 11,2020-12-01,1', '9100,F,I-III,0,,2020-12-01,');
    const drop = await open(
      '9001,F,I-III,7,,2020-12-01,1',
      '9100,F,I-III,0,,2020-12-01,',
      '9101,F,I-III,0,,2020-12-01,',
    );
    dropId = drop.id;
    expect(drop.corrections).toEqual([
      { patient: '9001', field: 'painTarget', from: '2', to: '7' },
      { patient: '9001', field: 'sex', from: 'M', to: 'F' },
      { patient: '9001', field: 'sourceDevice', from: 'iPhone 11', to: null },
    ]);
    const again = await world.ask('cy', 'query($id: ID!) { drop(id: $id) { corrections { patient field from to } } }', {
      id: dropId,
    });
    expect(again.data.drop.corrections).toEqual(drop.corrections);
  });

  it('is in the log by patient and field, and there without any value, since the log outlives an erasure', async () => {
    const entry = (await world.entries('OPEN_DROP')).find((one) => one.drop === dropId);
    expect(entry).toMatchObject({ corrected: ['9001 sex', '9001 painTarget', '9001 sourceDevice'] });
    expect(JSON.stringify(entry)).not.toContain('iPhone');
  });

  it('goes with the data of an erased patient, and is changed by nobody before', async () => {
    await expect(world.db.database.query('DELETE FROM enrolment_correction')).rejects.toThrow('permission denied');
    await expect(world.db.pool.query(`UPDATE enrolment_correction SET to_value = 'x'`)).rejects.toThrow();
    await world.db.pool.query(`UPDATE patient SET erased_at = now() WHERE code = '9001'`);
    const { rows } = await world.db.pool.query(
      'SELECT count(*)::int AS n FROM enrolment_correction WHERE drop_id = $1',
      [dropId],
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});
