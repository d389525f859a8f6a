import type { GraphQLSchema } from 'graphql/index.js';
import { builder } from './builder.ts';
import { assertWholeMapping } from './data/register.ts';
import './viewer.ts';
import './study.ts';
import './release.ts';
import './access-request.ts';
import './request-commands.ts';
import './grant-commands.ts';
import './stewardship.ts';
import './open-requests.ts';
import './certificate.ts';
import './ethics-document.ts';
import './requirements.ts';
import './agreement.ts';
import './job-duties.ts';
import './mail.ts';
import './ingest.ts';
import './release-commands.ts';
import './release-diff.ts';
import './study-report.ts';
import './export.ts';
import './run.ts';
import './lineage.ts';
import './group-figures.ts';
import './quarantine.ts';
import './consent.ts';
import './token.ts';
import './halt.ts';
import './incident.ts';
import './sanction.ts';
import './withdrawal.ts';
import './withdrawal-terms.ts';
import './second-step.ts';
import './policy.ts';
import './audit.ts';
import './account.ts';
import './institution.ts';
import './exception.ts';

/** The schema. Throws Error where a field of released data declares no modality. */
export const buildSchema = (): GraphQLSchema => {
  const schema = builder.toSchema({ sortSchema: true });
  assertWholeMapping(schema);
  return schema;
};

export const schema: GraphQLSchema = buildSchema();
