import type { GraphQLSchema } from 'graphql/index.js';
import { builder } from './builder.ts';
import { assertWholeMapping } from './data/register.ts';
import './viewer.ts';
import './study.ts';
import './release.ts';

/** The schema. Throws Error where a field of released data declares no modality. */
export const buildSchema = (): GraphQLSchema => {
  const schema = builder.toSchema({ sortSchema: true });
  assertWholeMapping(schema);
  return schema;
};

export const schema: GraphQLSchema = buildSchema();
