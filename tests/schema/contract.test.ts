import { readFile } from 'node:fs/promises';
import { isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql/index.js';
import { describe, expect, it } from 'vitest';
import { FIELD_RULES, fieldRule, fieldsWithoutRule } from '../../governance/fields.ts';
import { DATA_TYPES_BY_NAME } from '../../schema/data/register.ts';
import { schema } from '../../schema/index.ts';
import { type DataField, dataType } from '../../schema/planner/data-type.ts';
import { printedSchema } from '../../schema/print.ts';

const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));

describe('the contract', () => {
  it('is committed as it is', async () => {
    const committed = await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
    expect(committed === printedSchema(), 'schema.graphql is stale: npx tsx schema/print.ts').toBe(true);
  });

  it('describes every type, field, argument and value', () => {
    const bare: string[] = [];
    for (const type of types) {
      if (!type.description && !['Boolean', 'Float', 'ID', 'Int', 'String'].includes(type.name)) bare.push(type.name);
      if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        if (!field.description) bare.push(`${type.name}.${field.name}`);
        for (const arg of 'args' in field ? field.args : []) {
          if (!arg.description) bare.push(`${type.name}.${field.name}(${arg.name})`);
        }
      }
    }
    expect(bare).toEqual([]);
  });

  it('keeps the names that scripts build on', () => {
    const names = (name: string): string[] => {
      const type = schema.getType(name);
      if (isEnumType(type)) return type.getValues().map((value) => value.name);
      return isObjectType(type) ? Object.keys(type.getFields()) : [];
    };
    expect(names('Timeframe')).toEqual(['EARLY_AM', 'EARLY_NITE', 'EARLY_PM', 'LATE_NITE', 'REG_AM', 'REG_PM']);
    expect(names('Query')).toEqual(
      expect.arrayContaining(['viewer', 'study', 'studies', 'releases', 'release', 'node', 'nodes']),
    );
    expect(names('SignedFile').sort()).toEqual(['bytes', 'contentType', 'expiresAt', 'range', 'sha256', 'url']);
    expect(names('PatientConnection').sort()).toEqual(['edges', 'nodes', 'pageInfo', 'totalCount']);
  });
});

describe('every field of released data', () => {
  const declared = [...DATA_TYPES_BY_NAME.values()].flatMap((type) =>
    Object.entries(type.fields).map(([name, field]): [string, DataField] => [`${type.name}.${name}`, field]),
  );
  // Figures and parts that belong to the field that gives them have no row of their own in the table.
  const inherited = (name: string): boolean => /^(SignedFile|ByteRange|SplitCounts)\./.test(name);

  it.each(declared.filter(([name]) => !inherited(name)))('%s has the modality of the table', (name, { access }) => {
    const rule = fieldRule(name);
    if (rule === null) {
      // A field that the table does not know yet asks for what its type asks for, and never for less.
      expect(access).toBe('LABELS');
      return;
    }
    expect(access === 'OPEN' ? [] : [access]).toEqual(rule.needs);
  });

  it('has arguments with the modality of the table', () => {
    for (const [name, { args = {} }] of declared) {
      for (const [arg, { access }] of Object.entries(args)) {
        const rule = fieldRule(`${name}(${arg})`);
        if (rule !== null) expect(access === undefined ? [] : [access], `${name}(${arg})`).toEqual(rule.needs);
      }
    }
    const filter = schema.getType('PatientFilter');
    const fields = isInputObjectType(filter) ? Object.keys(filter.getFields()) : [];
    const scored = Object.keys(DATA_TYPES_BY_NAME.get('Release')?.fields.patients?.args?.filter?.fieldAccess ?? {});
    for (const field of fields) {
      const needs = FIELD_RULES[`PatientFilter.${field}`]?.needs ?? [];
      expect(scored.includes(field), field).toBe(needs.includes('PAIN_SCORES'));
    }
  });

  it('has a rule in the table', () => {
    const missing = fieldsWithoutRule(declared.map(([name]) => name));
    expect(missing).toEqual([]);
  });

  it('is nullable where it is controlled and its object is not a value of the same modality', () => {
    const values = new Set([
      'PainScores',
      'AudioFeatures',
      'Landmarks',
      'FaceBox',
      'SignedFile',
      'ByteRange',
      'SplitCounts',
    ]);
    const strict = declared.filter(
      ([name, field]) =>
        !values.has(name.split('.')[0] ?? '') &&
        field.access !== 'OPEN' &&
        'nonNull' in field &&
        field.nonNull === true,
    );
    // Ids, and the proof that a split is one: whoever sees the row sees these.
    expect(strict.map(([name]) => name).filter((name) => !name.endsWith('.id'))).toEqual(['Split.disjoint']);
  });

  it('cannot be built without a modality or a description', () => {
    const field = { kind: 'value', type: 'Int', access: undefined, description: 'x', json: () => [] };
    const type = (fields: unknown) => dataType({ name: 'T', description: 'x', fields: fields as never });
    expect(() => type({ a: field })).toThrow('T.a declares no modality');
    expect(() => type({ a: { ...field, access: 'LABELS', description: '' } })).toThrow('T.a has no description');
  });
});
