import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DocumentNode,
  type ExecutionResult,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql/index.js';
import { v7 } from 'uuid';
import type { Sql } from '../../../api/adapters/database/database.ts';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { readServices } from '../../../api/services/read/read-service.ts';
import { type Actor, ANONYMOUS } from '../../../governance/actor.ts';
import type { Context } from '../../../schema/context.ts';
import { createExecutor } from '../../../schema/executor.ts';
import { schema } from '../../../schema/index.ts';
import { stringifyResult } from '../../../schema/json-text.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { FIXTURE_NOW, fillStudy, type StudyFixture, type StudyOptions } from '../../support/study-fixture.ts';

export interface Answer {
  // The tests look into answers of many shapes.
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that its query asks for
  data?: any;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

export interface Reading {
  db: TestDatabase;
  study: StudyFixture;
  /** Statements that the last `ask` ran. */
  statements: string[];
  /** Modalities for which strangers were refused. */
  strangers: string[];
  /** Tickets that were issued. */
  tickets: unknown[];
  clock: { now: Date };
  ask(query: string, variables?: Record<string, unknown>, actor?: Actor): Promise<Answer>;
  context(actor: Actor): Context;
  stop(): Promise<void>;
}

const executor = createExecutor(schema, { max: 500, byDefault: 20 });

/** A database with a study, and a way to ask it as the server does, without HTTP. */
export async function startReading(options: StudyOptions = {}): Promise<Reading> {
  const db = await startTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'iss-read-'));
  const study = await fillStudy({ pool: db.pool, objects: fileStore(directory) }, options);
  const statements: string[] = [];
  const counted: Sql = {
    query: (text, values) => {
      statements.push(typeof text === 'string' ? text : (text as { text: string }).text);
      return db.database.query(text, values);
    },
  };
  const clock = { now: FIXTURE_NOW };
  const strangers: string[] = [];
  const tickets: unknown[] = [];
  const reads = readServices({
    database: counted,
    defaultStudy: study.key,
    now: () => clock.now,
    countRefusedStranger: (modality) => strangers.push(modality),
  });
  // Services of commands are not part of reading.
  const context = (actor: Actor): Context => {
    const parts: Partial<Context> = {
      actor,
      requestId: 'test',
      now: () => clock.now,
      newId: () => v7(),
      reads: reads(actor),
      tickets: {
        issue(file) {
          tickets.push(file);
          return {
            url: `/files/${file.artifactId}/${file.part ?? ''}`,
            expiresAt: new Date(clock.now.getTime() + 300_000),
          };
        },
      },
      landmarks: {
        read: async (records) =>
          records.map(({ frame }) => new Uint8Array(new Float32Array(1404).fill(frame / 2).buffer)),
      },
      studies: {
        study: async (key) => (key === null || key === study.key ? studyFacts(study) : null),
        studies: async () => [studyFacts(study)],
        openTables: async (releaseId) => [{ key: 'size', title: releaseId, threshold: 5, attributes: [], cells: [] }],
        citation: async () => null,
        croissant: async () => null,
        experiments: async () => [],
      },
      viewers: {
        viewer: async () => null,
        accessChecklist: async () => Promise.reject(new Error('not here')),
      },
    };
    return parts as Context;
  };
  return {
    db,
    study,
    statements,
    strangers,
    tickets,
    clock,
    context,
    async ask(query, variables = {}, actor = ANONYMOUS) {
      statements.length = 0;
      const document = parse(query);
      const problems = validate(schema, document, specifiedRules);
      if (problems.length > 0) throw problems[0];
      const result = await executor(
        {
          document,
          operation: operationOf(document),
          variables,
          documentSha256: createHash('sha256').update(query).digest('hex'),
        },
        context(actor),
      );
      return JSON.parse(stringifyResult(result as ExecutionResult)) as Answer;
    },
    async stop() {
      await db.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const operationOf = (document: DocumentNode): OperationDefinitionNode => {
  const found = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (found === undefined) throw new Error('no operation');
  return found;
};

const studyFacts = (study: StudyFixture) => ({
  id: study.studyId,
  key: study.key,
  title: `Study ${study.key}`,
  synthetic: true,
  timeZone: 'America/New_York',
  summary: null,
  design: [],
  cohorts: [],
  datasheet: [],
  errata: [],
  experiments: [],
  preparing: null,
});
