import { isInterfaceType, isObjectType } from 'graphql/index.js';
import { schema } from '../../../schema/index.ts';
import { FAILURE_FIELDS, SUCCESS_FIELDS } from './fields-of-commands.ts';
import { DUTY_FIELDS } from './fields-of-duties.ts';
import { REQUEST_FIELDS } from './fields-of-requests.ts';
import { WORK_FIELDS } from './fields-of-work.ts';
import { type Rows, row } from './rules.ts';

/** Types that are made by one function each, all alike: pages, their rows, and expected failures, of which this is the part that all have. */
function alike(): Rows {
  const expected = schema.getType('ExpectedError');
  return Object.fromEntries(
    Object.values(schema.getTypeMap()).flatMap((type) => {
      if (!isObjectType(type)) return [];
      const has = type.getFields();
      if (type.name.endsWith('Edge') && has.cursor) return [[type.name, row('AS_THEY_MAY', 'cursor node')]];
      if (type.name.endsWith('Connection') && has.pageInfo) {
        const counted = has.totalCount ? 'nodes edges pageInfo totalCount' : 'nodes pageInfo';
        return [[type.name, row('AS_THEY_MAY', counted)]];
      }
      const failure = isInterfaceType(expected) && type.getInterfaces().includes(expected);
      return failure ? [[type.name, { ...row('WITH_IT', 'code message'), ...FAILURE_FIELDS[type.name] }]] : [];
    }),
  );
}

/**
 * Every field of every type that is not released data (data-fields.ts has that), and the rule by which it tells anything: a field without a row fails a test.
 * Which things there are for somebody at all, roots.ts and relations.ts say; who is told which text, marks.ts.
 */
export const FIELDS: Rows = { ...alike(), ...REQUEST_FIELDS, ...WORK_FIELDS, ...DUTY_FIELDS, ...SUCCESS_FIELDS };

/** Fields that hold nothing on the stage, whoever looks: what has not failed, is not corrected, not lifted, not erased, not attested. */
const EMPTY: Readonly<Record<string, string>> = {
  AccessGroup: 'kind submission',
  AccountSuspension: 'until',
  AgreementPreview: 'mustSign',
  Amendment: 'formProblems',
  AuditEntry: 'link position',
  BaselineRun: 'error progress',
  Consent: 'importId',
  DeputySteward: 'endedAt',
  DestructionDuty: 'attestedAt',
  Drop: 'corrections running',
  DropItem: 'chunks faces frames seconds',
  Endorsement: 'successor',
  EnrolmentCorrection: 'field from patient to',
  EnrolmentProblem: 'code column line message',
  EthicsDocument: 'contentType file',
  Export: 'error fold progress',
  FileHolding: 'takenAt until',
  Halt: 'liftedAt',
  JobError: 'code message reasons',
  JobKind: 'atOnce',
  JobProgress: 'done loss rate secondsLeft stage total',
  Lineage: 'weights',
  MustSign: 'as grantId person until',
  PersonalToken: 'lastUsedOn',
  PolicyAffected: 'gains',
  PolicyPreview: 'problems',
  PolicyProblem: 'message path',
  ReleaseCheck: 'error problems progress',
  ReleaseDraft: 'errata statusReason',
  ReleaseProblem: 'about problem',
  ReportCell: 'agrees errata published',
  ReportErratum: 'id title used',
  RunPreview: 'fold',
  RunningDropItem: 'done patient stage timestamp total',
  Study: 'preparing',
  StudyReport: 'errata',
  Withdrawal: 'draftProblem draftVersion eraseAfter erasedAt proof takenBackAt',
};
export const EMPTY_HERE: readonly string[] = Object.entries(EMPTY).flatMap(([type, fields]) =>
  fields.split(' ').map((field) => `${type}.${field}`),
);
