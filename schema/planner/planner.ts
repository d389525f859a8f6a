import { collectSubfields } from 'graphql/execution/collectFields.js';
import {
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  isObjectType,
} from 'graphql/index.js';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { connectionJson } from './connection.ts';
import { decodeCursor } from './cursor.ts';
import type { Access, Args, ConnectionField, DataArg, DataField, DataType, Page } from './data-type.ts';
import { constant, type Json, NULL, objectOf, onlyIf } from './json.ts';
import { spansOf } from './recording.ts';
import { Refusals } from './refusals.ts';
import { listJson, oneJson } from './relation.ts';
import type { ReleaseScope } from './release-scope.ts';
import type { Row } from './row.ts';
import { type Slot, slotText } from './slots.ts';
import type { SqlScope } from './sql.ts';

type Fragments = Parameters<typeof collectSubfields>[1];

/** Settings of pages. */
export interface PageLimits {
  readonly max: number;
  readonly byDefault: number;
}

/** A field of a release that graphql-js answers, for the slot of that number. */
export interface ResolvedField {
  readonly slot: number;
  readonly release: ReleaseScope['release'];
  readonly path: readonly string[];
  readonly nodes: readonly FieldNode[];
}

/** A planned object: where it stands in the document and what stands above it. */
export interface Place {
  readonly path: readonly string[];
  readonly nodes: readonly FieldNode[];
  /** The modality of the field that gave the object, for fields that inherit it. */
  readonly modality: Modality | null;
}

/**
 * Walks an operation's selection once and writes one statement for it. Policy is asked per modality and release
 * (`ReleaseScope.decisions`), never per row; a refused column does not get into the statement.
 */
export class Planner {
  readonly sql: SqlScope;
  readonly refusals = new Refusals();
  readonly slots: Slot[] = [];
  readonly resolved: ResolvedField[] = [];
  /** Modalities that the statement reads. */
  readonly modalities = new Set<Modality>();
  private readonly schema: GraphQLSchema;
  private readonly fragments: Fragments;
  private readonly variables: Readonly<Record<string, unknown>>;
  private readonly pages: PageLimits;

  constructor(
    sql: SqlScope,
    schema: GraphQLSchema,
    fragments: Fragments,
    variables: Readonly<Record<string, unknown>>,
    pages: PageLimits,
  ) {
    this.sql = sql;
    this.schema = schema;
    this.fragments = fragments;
    this.variables = variables;
    this.pages = pages;
  }

  /** The JSON of an object of the row, as the selection asks. */
  object(type: DataType, row: Row, place: Place): Json {
    return objectOf(
      [...this.subfields(type.name, place.nodes)].map(([key, nodes]) => [
        key,
        this.field(type, row, key, nodes, place),
      ]),
    );
  }

  /** Selected fields of an object type, by response key. */
  subfields(typeName: string, nodes: readonly FieldNode[]): Map<string, readonly FieldNode[]> {
    return collectSubfields(this.schema, this.fragments, this.variables, this.objectType(typeName), nodes);
  }

  slot(slot: Slot, args: readonly string[] = []): Json {
    this.slots.push(slot);
    return slotText(this.slots.length - 1, args);
  }

  private objectType(name: string): GraphQLObjectType {
    const type = this.schema.getType(name);
    if (!isObjectType(type)) throw new Error(`${name} is no object type of the schema`);
    return type;
  }

  private field(type: DataType, row: Row, key: string, nodes: readonly FieldNode[], above: Place): Json {
    const node = nodes[0];
    if (node === undefined) throw new Error('a field without a node');
    const name = node.name.value;
    if (name === '__typename') return constant(type.name);
    const field = type.fields[name];
    const definition = this.objectType(type.name).getFields()[name];
    if (field === undefined || definition === undefined) throw new Error(`${type.name}.${name} has no plan`);
    const args = getArgumentValues(definition, node, this.variables);
    const place: Place = {
      path: [...above.path, key],
      nodes,
      modality: modalityOf(field.access) ?? (field.access === 'INHERITED' ? above.modality : null),
    };
    const own = modalitiesOf(field.access);
    const filtering = argumentModalities(field.args ?? {}, args);
    const asked = new Set([...own, ...filtering]);
    if (!this.permitted(asked, row.scope, place)) return NULL;
    // Above the patients there is nobody whose consent could be asked: there a source asks it of the rows that it filters.
    const consented = row.isBelow('Patient') ? asked : new Set(own);
    return onlyIf(this.rowCondition(field, consented, row), this.value(field, row, args, place));
  }

  /** Asks the decisions; notes what is read, or one refusal for each modality that is not permitted. */
  permitted(asked: ReadonlySet<Modality>, scope: ReleaseScope, { path, nodes }: Place): boolean {
    let permitted = true;
    for (const modality of asked) {
      const decision = scope.decisions[modality];
      if (decision.allow) continue;
      permitted = false;
      this.refusals.add({ path, nodes, modality, reasons: decision.reasons });
    }
    if (permitted) for (const modality of asked) this.modalities.add(modality);
    return permitted;
  }

  /** What has to hold of the row for this field, beyond what made the row visible; null where nothing has. */
  private rowCondition(field: DataField, asked: ReadonlySet<Modality>, row: Row): string | null {
    if (asked.size === 0) return null;
    const { rows } = row.scope;
    const conditions: string[] = [];
    for (const modality of asked) {
      if (modality === 'LABELS') continue;
      const consent = rows.modalityCondition(row.nearest('Patient').alias, modality);
      if (consent === null) continue;
      row.nearest('Patient').column('modalities');
      conditions.push(consent);
    }
    if (field.whole === true && row.type === 'Submission') conditions.push(rows.wholeCondition(spansOf(row)));
    return conditions.length === 0 ? null : conditions.join(' AND ');
  }

  private value(field: DataField, row: Row, args: Args, place: Place): Json {
    switch (field.kind) {
      case 'value':
        return field.json(row, args, {
          modality: place.modality,
          slot: (slot, parameters) => this.slot(slot, parameters),
        });
      case 'part': {
        const inner = field.scope?.(row) ?? row;
        return onlyIf(field.exists(row), this.object(field.type(), inner, place));
      }
      case 'one':
        return oneJson(row, field.type(), field.source(row, args), (inner) => this.object(field.type(), inner, place));
      case 'list':
        return listJson(row, field.type(), field.source(row, args), (inner) => this.object(field.type(), inner, place));
      case 'connection':
        return connectionJson(this, row, field, args, this.page(field, args, place), place);
      case 'resolved':
        return this.resolve(row, place);
    }
  }

  private resolve(row: Row, { path, nodes }: Place): Json {
    const { release } = row.scope;
    const json = this.slot({ kind: 'resolved', releaseId: release.id, key: path.join('.') });
    this.resolved.push({ slot: this.slots.length - 1, release, path, nodes });
    return json;
  }

  /** The page asked for. Throws GraphQLError where it cannot be. */
  private page(field: ConnectionField, args: Args, { nodes, path }: Place): Page {
    const first = args.first ?? this.pages.byDefault;
    const after = args.after ?? null;
    if (typeof first !== 'number' || first < 0 || first > this.pages.max) {
      throw badInput(`${path.at(-1)}: first is between 0 and ${this.pages.max}.`, nodes);
    }
    if (after === null) return { after: null, limit: first };
    const keys = typeof after === 'string' ? decodeCursor(after, field.sort, field.keys) : null;
    if (keys === null) throw badInput(`${path.at(-1)}: after is not a cursor of this list.`, nodes);
    return { after: keys, limit: first };
  }
}

/** The error of an operation that asks for something that cannot be. */
export const badInput = (message: string, nodes: readonly FieldNode[]): GraphQLError =>
  new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } });

const known: ReadonlySet<string> = new Set(MODALITIES);
const modalityOf = (access: Access): Modality | null => (known.has(access) ? (access as Modality) : null);
const modalitiesOf = (access: Access): readonly Modality[] => {
  const modality = modalityOf(access);
  return modality === null ? [] : [modality];
};

/** Modalities that the given arguments ask for, those of input objects' fields among them. */
const argumentModalities = (specs: Readonly<Record<string, DataArg>>, args: Args): readonly Modality[] =>
  Object.entries(specs).flatMap(([name, { access, fieldAccess }]) => {
    const value = args[name];
    if (value === undefined || value === null) return [];
    const inner = Object.entries(fieldAccess ?? {})
      .filter(([field]) => (value as Args)[field] != null)
      .map(([, modality]) => modality);
    return access === undefined ? inner : [access, ...inner];
  });
