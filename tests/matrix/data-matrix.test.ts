import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA_TYPES_BY_NAME } from '../../schema/data/register.ts';
import { actorOf, openScene, type Scene } from '../agreement/scene.ts';
import { usualWorld } from '../agreement/world.ts';
import { CASES, type Case } from './data-cases.ts';
import { DATA_FIELDS, EMPTY_HERE, type Need } from './data-fields.ts';
import { dataFieldsOfSchema, dataTree, type Outcome } from './data-tree.ts';

const FIELDS = Object.entries(DATA_FIELDS).flatMap(([type, fields]) =>
  Object.entries(fields).map(([field, need]) => ({ type, name: `${type}.${field}`, need })),
);

let scene: Scene;
let tree: ReturnType<typeof dataTree>;
beforeAll(async () => {
  scene = await openScene();
  const all = scene.study.patients.flatMap((patient) =>
    patient.submissions.map((submission) => ({ patient, submission })),
  );
  const found = all.find(
    ({ submission: { survey, sound, noFace, noMesh } }) => survey && sound && ![...noFace, ...noMesh].includes(1),
  );
  if (found === undefined) throw new Error('nothing to look at');
  const { patient, submission } = found;
  tree = dataTree({ code: `"${patient.code}"`, timestamp: `"${submission.timestamp}"`, number: '1', classes: 'FOUR' });
});
afterAll(() => scene?.stop());

/** What a field should come to, from the table of fields, the way to it, and what the case loses. */
const expected = ({ loses, reasons, gone }: Case) => {
  const lost = (need: Need): boolean => need !== 'NOTHING' && loses.includes(need);
  const needs = new Map(FIELDS.map(({ name, need }) => [name, need]));
  /** True where the object on which the type is looked at is there. */
  const there = (type: string): boolean => {
    if (type === 'Release') return gone === undefined;
    const way = tree.parents.get(type) ?? '';
    return !lost(needs.get(way) ?? 'NOTHING') && there(way.split('.')[0] ?? '');
  };
  return new Map(
    FIELDS.map(({ type, name, need }): [string, Outcome] => {
      if (!there(type)) return [name, 'ABSENT'];
      if (lost(need)) return [name, `REFUSED ${[...reasons].sort().join(' ')}`];
      return [name, EMPTY_HERE.includes(name) ? 'NULL' : 'GIVEN'];
    }),
  );
};

describe('every field of released data', () => {
  it('has a row in the table of this test: a new field fails here', () => {
    expect(FIELDS.map(({ name }) => name).sort()).toEqual(dataFieldsOfSchema(DATA_TYPES_BY_NAME.keys()));
  });

  it.each(
    CASES.map((one) => [one.name, one] as const),
  )('is given, refused with its reason, or absent: %s', async (_, one) => {
    const world = usualWorld();
    for (const change of one.changes) change(world);
    await scene.become(world);
    const answer = await scene.ask(tree.query, { version: '1.0.0' }, actorOf(world));
    expect(Object.fromEntries(tree.outcomes(answer))).toEqual(Object.fromEntries(expected(one)));
  });
});
