import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
} from 'graphql/index.js';
import type { Actor } from '../../governance/actor.ts';
import type { Modality } from '../../governance/modality.ts';
import type { ReleaseRecord, Situation } from '../context.ts';
import { NODE_TYPES, nodeJson } from '../data/nodes.ts';
import { Release, releaseRows } from '../data/release.ts';
import { auditInsert, tallyColumns } from './audit.ts';
import { decidedIn } from './decided.ts';
import { constant, fixedText, type Json, NULL, objectOf, render } from './json.ts';
import { decodeNodeId } from './node-id.ts';
import { type PageLimits, Planner, type ResolvedField } from './planner.ts';
import { refusalError } from './refusals.ts';
import { oneJson } from './relation.ts';
import { ReleaseScope } from './release-scope.ts';
import { Row } from './row.ts';
import type { Slot } from './slots.ts';
import { type PlannedStatement, SqlScope } from './sql.ts';

/** Root fields by response key. */
export type Roots = ReadonlyMap<string, readonly FieldNode[]>;

export interface PlanInput {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly roots: Roots;
  /** What was loaded for each study or release that the root fields name, by `situationKey`. */
  readonly situations: ReadonlyMap<string, Situation | null>;
  readonly actor: Actor;
  readonly operation: { readonly name: string | null; readonly sha256: string };
  readonly pages: PageLimits;
}

export interface Plan {
  /** Null where nothing has to be asked and nothing is worth an entry; `text` is the answer then. */
  readonly statement: PlannedStatement | null;
  readonly text: string | null;
  readonly slots: readonly Slot[];
  readonly resolved: readonly ResolvedField[];
  readonly errors: readonly GraphQLError[];
  /** Modalities that were refused, each once. */
  readonly refused: readonly Modality[];
  /** Releases whose decisions went into it, by the situation that they are of. */
  readonly releases: readonly { readonly where: string; readonly id: string }[];
}

/** Root fields that the planner answers. */
export const PLANNED: ReadonlySet<string> = new Set(['release', 'releases', 'node', 'nodes']);

const idsOf = (args: Readonly<Record<string, unknown>>): readonly unknown[] =>
  'ids' in args ? (args.ids as readonly unknown[]) : [args.id];

/** The studies and releases that a planned root field asks about, as keys of `PlanInput.situations`. */
export const situationKeys = (name: string, args: Readonly<Record<string, unknown>>): readonly string[] => {
  if (name === 'release' || name === 'releases') return [`study ${(args.study as string | null | undefined) ?? ''}`];
  return idsOf(args).flatMap((id) => {
    const node = decodeNodeId(String(id));
    return node === null ? [] : [`release ${node.releaseId}`];
  });
};

/**
 * Plans an operation's released data: one statement, its refusals, and what has to be filled into its text afterwards.
 * Pure. Throws GraphQLError where an argument cannot be (a cursor of another list, a page too long).
 */
export const plan = (input: PlanInput): Plan => new OperationPlan(input).make();

class OperationPlan {
  private readonly input: PlanInput;
  private readonly sql = new SqlScope();
  private readonly planner: Planner;
  private readonly scopes = new Map<string, ReleaseScope>();
  private readonly asked: { where: string; id: string }[] = [];
  private top: Row | null = null;

  constructor(input: PlanInput) {
    this.input = input;
    this.planner = new Planner(this.sql, input.schema, input.fragments, input.variables, input.pages);
  }

  make(): Plan {
    const json = objectOf([...this.input.roots].map(([key, nodes]) => [key, this.root(key, nodes)]));
    const { planner } = this;
    const refusals = planner.refusals.all;
    const insert = this.audit();
    const text = fixedText(json);
    return {
      statement: text !== null && insert === null ? null : this.statement(json, insert),
      text,
      slots: planner.slots,
      resolved: planner.resolved,
      errors: refusals.map(refusalError),
      refused: [...new Set(refusals.map(({ modality }) => modality))],
      releases: this.asked,
    };
  }

  private statement(json: Json, insert: string | null): PlannedStatement {
    const columns = [`${render(json)} AS j`, ...(insert === null || this.top === null ? [] : tallyColumns(this.top))];
    const tallies =
      insert !== null && this.top === null
        ? ', NULL::text AS codes, 0 AS patients, 0 AS submissions, 0 AS frames, 0 AS chunks'
        : '';
    const data = `SELECT ${columns.join(', ')}${tallies} FROM (VALUES (0)) AS t0(x) ${this.top?.joins.join(' ') ?? ''}`;
    const text = insert === null ? data : `WITH data AS (${data}), logged AS (${insert}) SELECT j FROM data`;
    return this.sql.statement(text);
  }

  private audit(): string | null {
    const { actor, operation } = this.input;
    const { refusals, modalities } = this.planner;
    if (actor.kind !== 'account' || (modalities.size === 0 && refusals.all.length === 0)) return null;
    const scopes = [...this.scopes.values()];
    const grantId = scopes
      .flatMap((scope) => [...modalities].map((modality) => scope.grantId(modality)))
      .find((id) => id !== null);
    return auditInsert(this.sql, {
      accountId: actor.accountId,
      grantId: grantId ?? actor.tokenGrantId ?? null,
      operation,
      token: actor.tokenId ?? null,
      modalities: [...modalities].sort(),
      releases: [...new Set(scopes.map(({ release }) => release.id))].sort(),
      refused: refusals.byModality,
    });
  }

  private root(key: string, nodes: readonly FieldNode[]): Json {
    const node = nodes[0];
    const name = node?.name.value ?? '';
    if (node === undefined || !PLANNED.has(name)) {
      return name === '__typename' ? constant('Query') : this.planner.slot({ kind: 'resolved', releaseId: null, key });
    }
    const field = this.input.schema.getQueryType()?.getFields()[name];
    if (field === undefined) throw new Error(`no root field ${name}`);
    const args = getArgumentValues(field, node, this.input.variables);
    switch (name) {
      case 'release':
        return this.release(key, nodes, args.version as string | null | undefined, situationKeys(name, args)[0]);
      case 'releases':
        return this.releases(key, nodes, situationKeys(name, args)[0]);
      case 'node':
        return this.node(key, nodes, String(args.id));
      default:
        return list((args.ids as readonly unknown[]).map((id) => this.node(key, nodes, String(id))));
    }
  }

  private release(
    key: string,
    nodes: readonly FieldNode[],
    version: string | null | undefined,
    where: string | undefined,
  ): Json {
    const releases = this.visible(where);
    const wanted = releases.find((release) =>
      version === null || version === undefined ? release.state === 'PUBLISHED' : release.version === version,
    );
    return wanted === undefined ? NULL : this.releaseJson(key, nodes, wanted, where);
  }

  private releases(key: string, nodes: readonly FieldNode[], where: string | undefined): Json {
    return list(this.visible(where).map((release) => this.releaseJson(key, nodes, release, where)));
  }

  private releaseJson(
    key: string,
    nodes: readonly FieldNode[],
    release: ReleaseRecord,
    where: string | undefined,
  ): Json {
    const scope = this.scope(release, where);
    return oneJson(this.level(scope), Release, releaseRows(scope), (row) =>
      this.planner.object(Release, row, { path: [key], nodes, modality: null }),
    );
  }

  /** What an id leads to; null where it leads nowhere, and where that may not be known. */
  private node(key: string, nodes: readonly FieldNode[], text: string): Json {
    const id = decodeNodeId(text);
    const type = id === null ? undefined : NODE_TYPES.get(id.letter);
    if (id === null || type === undefined) return NULL;
    const where = `release ${id.releaseId}`;
    const release = this.visible(where).find((known) => known.id === id.releaseId);
    if (release === undefined) return NULL;
    if (type.name === 'Release') return this.releaseJson(key, nodes, release, where);
    const scope = this.scope(release, where);
    const place = { path: [key], nodes, modality: null };
    if (!this.planner.permitted(new Set(['LABELS']), scope, place)) return NULL;
    return nodeJson(id, this.level(scope), (row) => this.planner.object(type, row, place));
  }

  /** Releases of the situation that the actor may know of, newest first. */
  private visible(where: string | undefined): readonly ReleaseRecord[] {
    const situation = this.input.situations.get(where ?? '') ?? null;
    return situation === null ? [] : decidedIn(situation, this.input.actor).releases;
  }

  private situation(where: string | undefined): Situation {
    const situation = this.input.situations.get(where ?? '') ?? null;
    if (situation === null) throw new Error('a release without its facts');
    return situation;
  }

  private scope(release: ReleaseRecord, where: string | undefined): ReleaseScope {
    const known = this.scopes.get(release.id);
    if (known !== undefined) return known;
    const situation = this.situation(where);
    const { decisions } = decidedIn(situation, this.input.actor).of(release);
    const made = new ReleaseScope(this.sql, release, decisions, situation.facts.policy.timeZone, situation.at);
    this.scopes.set(release.id, made);
    this.asked.push({ where: where ?? '', id: release.id });
    return made;
  }

  /** The level above all rows, for rows of this release. */
  private level(scope: ReleaseScope): Row {
    this.top ??= new Row('Query', 't0', scope, null, {});
    return this.top.withScope(scope);
  }
}

const list = (items: readonly Json[]): Json => [
  { text: '[' },
  ...items.flatMap((item, index) => (index === 0 ? item : [{ text: ',' }, ...item])),
  { text: ']' },
];
