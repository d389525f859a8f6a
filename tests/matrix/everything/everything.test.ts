import { isInterfaceType, isObjectType } from 'graphql/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { DATA_FIELDS } from '../data-fields.ts';
import { ASKS, type Looked, lookAtEverything, lookByFilters } from './asks.ts';
import { VIEWERS, type Viewer } from './cast.ts';
import { EMPTY_HERE, FIELDS } from './fields.ts';
import { fieldsOfSchema, type Told } from './looks.ts';
import { MARKS } from './marks.ts';
import { BY_GRANT, KNOWN, ROOTS } from './roots.ts';
import { ALWAYS, ruled, UNCOMPARED } from './rules.ts';
import { openStage, type Stage } from './stage.ts';

interface Listed {
  readonly nodes: readonly { readonly id: string }[];
  readonly totalCount?: number;
}

let stage: Stage;
const seen = new Map<string, readonly Looked[]>();
/** Fields that anybody is given anything by, with whose. */
const present = new Set<string>();
let names: ReadonlyMap<string, string>;
/** The name of a thing, or of the question that it is part of the answer of. */
const nameOf = (thing: string): string => names.get(thing.replace(/^\w+:/, '')) ?? thing;

beforeAll(async () => {
  stage = await openStage();
  names = new Map([...stage.ids].map(([name, id]) => [id, name]));
  const waiting = [...VIEWERS];
  const one = async (): Promise<void> => {
    for (let viewer = waiting.shift(); viewer !== undefined; viewer = waiting.shift())
      seen.set(viewer.name, await lookAtEverything(viewer, stage));
  };
  await Promise.all([one(), one(), one()]);
  for (const looked of seen.values())
    for (const { told } of looked)
      for (const { field, key, outcome } of told) if (outcome === 'GIVEN') present.add(`${key} ${field}`);
}, 600_000);
afterAll(() => stage?.world.stop());

const everybody = VIEWERS.map((viewer) => [viewer.name, viewer] as const);
const toldTo = ({ name }: Viewer): readonly (Told & { ask: string })[] =>
  (seen.get(name) ?? []).flatMap(({ ask, told }) => told.map((one) => ({ ...one, ask })));
const ruleOf = (field: string) => {
  const [type = '', name = ''] = field.split('.');
  return FIELDS[type]?.[name];
};

describe('the table of fields', () => {
  it('has a row for every field that is not released data, and no other: a new field fails here', () => {
    const rows = Object.entries(FIELDS).flatMap(([type, fields]) =>
      Object.keys(fields).map((name) => `${type}.${name}`),
    );
    const roots = ['Query', 'Mutation'];
    expect(rows.sort()).toEqual(fieldsOfSchema().filter((field) => !roots.includes(field.split('.')[0] ?? '')));
  });

  it('is asked by every field of Query that is not a way to released data alone', () => {
    const queries = Object.keys(schema.getQueryType()?.getFields() ?? {});
    expect([...new Set(ASKS.map(({ root }) => root)), 'node', 'nodes'].sort()).toEqual(queries.sort());
    expect([...Object.keys(ROOTS), ...Object.keys(BY_GRANT)].sort()).toEqual(ASKS.map(({ name }) => name).sort());
  });

  it('is of what exists: each field was told to somebody, but those that nothing here has', () => {
    const found = new Set<string>();
    for (const told of [...[...seen.values()].flat(), ...stage.said].flatMap(({ told }) => told))
      if (told.outcome === 'GIVEN') found.add(told.field);
    const failure = (type: string): boolean => {
      const [object, expected] = [schema.getType(type), schema.getType('ExpectedError')];
      return isObjectType(object) && isInterfaceType(expected) && object.getInterfaces().includes(expected);
    };
    const unseen = fieldsOfSchema().filter((field) => {
      const [type = ''] = field.split('.');
      return (
        !found.has(field) &&
        !['Query', 'Mutation'].includes(type) &&
        !failure(type) &&
        !type.endsWith('Success') &&
        DATA_FIELDS[type.replace(/(Connection|Edge)$/, '')] === undefined
      );
    });
    expect(unseen).toEqual([...EMPTY_HERE].sort());
  });
});

describe.each(everybody)('to %s', (_, viewer) => {
  it('every field of Query gives, hides or refuses what its row says', () => {
    const outcomes = new Map((seen.get(viewer.name) ?? []).map(({ ask, told }) => [ask, told]));
    const got: Record<string, unknown> = {};
    const wanted: Record<string, unknown> = {};
    for (const { name, root } of ASKS) {
      const told = outcomes.get(name) ?? [];
      const outcome = told.find(({ field }) => field === `Query.${root}`)?.outcome ?? 'NOT TOLD';
      const byGrant = BY_GRANT[name];
      const row = ROOTS[name];
      got[name] = byGrant === undefined ? outcome : outcome === 'GIVEN';
      wanted[name] = byGrant === undefined ? row?.outcome(viewer) : byGrant.includes(viewer.name);
      if (row?.things === undefined || viewer.who === null) continue;
      const keys = [...new Set(told.map(({ key }) => key))].filter((key) => names.has(key.replace(/^\w+:/, '')));
      const type = keys[0]?.split(':')[0];
      const things = keys.filter((key) => key.split(':')[0] === type).map(nameOf);
      got[`things of ${name}`] = things.sort();
      wanted[`things of ${name}`] = [...row.things(viewer)].sort();
    }
    expect(got).toEqual(wanted);
  });

  it('every field of what they are given tells, hides or refuses what its row says', () => {
    const wrong: string[] = [];
    for (const { field, key, thing, outcome, ask } of toldTo(viewer)) {
      const rule = ruleOf(field);
      if (field.startsWith('Query.') || rule === undefined || UNCOMPARED.includes(rule)) continue;
      const by = ruled(rule, viewer, nameOf(thing));
      const wanted = by === 'GIVEN' && !present.has(`${key} ${field}`) ? 'NOTHING' : by;
      if (outcome !== wanted && !(wanted.startsWith('REFUSED') && outcome === 'NOTHING' && !wasMade(key, field)))
        wrong.push(`${field} of ${nameOf(thing)} in ${ask}: ${outcome}, not ${wanted}`);
    }
    expect(wrong).toEqual([]);
  });

  it('nothing is known by any way of things that are not theirs to know', () => {
    const wrong = new Set<string>();
    for (const { key, ask } of toldTo(viewer)) {
      const [type = '', id = ''] = key.split(':');
      const name = names.get(id);
      if (KNOWN[type] !== undefined && name !== undefined && !KNOWN[type](viewer, name))
        wrong.add(`${type} ${name} in ${ask}`);
    }
    expect([...wrong]).toEqual([]);
  });

  it('every marked text is told that they may know, and none other stands in anything that they are answered', () => {
    const found = new Set(
      (seen.get(viewer.name) ?? []).flatMap(({ answer }) => JSON.stringify(answer).match(/§[\w-]+/g) ?? []),
    );
    const may = Object.keys(MARKS).filter((mark) => MARKS[mark]?.(viewer));
    // A stranger may not ask for lists that long.
    if (viewer.who === null) expect([...found].filter((mark) => !may.includes(mark))).toEqual([]);
    else expect([...found].sort()).toEqual(may.sort());
  });

  it('no filter finds what the whole list hides, and together they find all of it', async () => {
    const answer = await lookByFilters(viewer, stage);
    for (const [root, field] of [
      ['accessRequests', 'AccessRequest.id'],
      ['institutions', 'InstitutionRecord.id'],
      ['incidents', 'Incident.id'],
    ] as const) {
      const whole = toldTo(viewer).filter((told) => told.ask === root && told.field === field);
      const found = Object.entries(answer.data ?? {}).filter(([alias]) => alias.startsWith(root));
      const ids = found.flatMap(([, list]) => {
        const { nodes, totalCount } = (Array.isArray(list) ? { nodes: list } : (list ?? { nodes: [] })) as Listed;
        if (totalCount !== undefined) expect(totalCount).toBe(nodes.length);
        return nodes.map(({ id }) => `${field.split('.')[0]}:${id}`);
      });
      if (viewer.who !== null)
        expect([...new Set(ids)].sort()).toEqual([...new Set(whole.map(({ key }) => key))].sort());
      else expect(ids).toEqual([]);
    }
  });

  it('a count of rows counts the rows that they are given', () => {
    const wrong: string[] = [];
    const walk = (value: unknown, at: string): void => {
      if (value === null || typeof value !== 'object') return;
      const { nodes, totalCount, pageInfo } = value as {
        nodes?: unknown[];
        totalCount?: number;
        pageInfo?: { hasNextPage: boolean };
      };
      const whole = nodes !== undefined && pageInfo?.hasNextPage !== true;
      if (whole && totalCount !== undefined && viewer.who !== null && totalCount !== nodes.length)
        wrong.push(`${at}: ${totalCount} of ${nodes.length}`);
      for (const [name, one] of Object.entries(value)) walk(one, `${at}.${name}`);
    };
    for (const { ask, answer } of seen.get(viewer.name) ?? []) walk(answer.data, ask);
    expect(wrong).toEqual([]);
  });
});

/** Whether there is anything to refuse: a run that waits has no figures. */
const wasMade = (key: string, field: string): boolean => present.has(`${key} ${field}`);

describe('what a command answers', () => {
  it('hides from who gave it what their looks hide', () => {
    const wrong: string[] = [];
    for (const { by, told } of stage.said) {
      const viewer = VIEWERS.find(({ name }) => name === by);
      if (viewer === undefined) continue;
      for (const { field, thing, outcome } of told) {
        const rule = ruleOf(field);
        if (rule === undefined || !ALWAYS.includes(rule) || outcome !== 'GIVEN') continue;
        if (ruled(rule, { ...viewer, suspended: undefined as never }, nameOf(thing)) !== 'GIVEN')
          wrong.push(`${by}: ${field} of ${nameOf(thing)}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
