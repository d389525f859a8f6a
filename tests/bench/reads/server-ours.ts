import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { v7 } from 'uuid';
import { connectDatabase } from '../../../api/adapters/database/database.ts';
import { createGraphql } from '../../../api/graphql.ts';
import { readServices } from '../../../api/services/read/read-service.ts';
import type { Context } from '../../../schema/context.ts';

// Our API as the server serves it, for one signed-in person. Arguments: connection string, account, grant.
const [, , connectionString, accountId, grantId] = process.argv.map(String);
const database = connectDatabase(connectionString ?? '', { poolSize: 16 });
const now = (): Date => new Date();
const reads = readServices({ database, defaultStudy: 'bench', now, countRefusedStranger() {} });
const none = (): never => {
  throw new Error('not part of the bench');
};
const graphql = await createGraphql({
  context: async (): Promise<Context> => {
    const actor = { kind: 'account' as const, accountId: accountId ?? '', grantId: grantId ?? null };
    const context: Partial<Context> = {
      actor,
      requestId: 'bench',
      now,
      newId: () => v7(),
      reads: reads(actor),
      tickets: { issue: none },
      landmarks: { read: none },
      studies: { study: none, studies: none, openTables: none, citation: none, croissant: none, experiments: none },
      viewers: { viewer: none, accessChecklist: none },
    };
    return context as Context;
  },
  log: { info() {}, error: (fields) => console.error(fields) },
  newId: () => v7(),
});
const app = express();
app.use('/graphql', graphql.middleware);
const server = createServer(app).listen(0, '127.0.0.1', () =>
  console.log(`port ${(server.address() as AddressInfo).port}`),
);
// Ends in order, so that a profiler beside it can write what it saw.
process.once('SIGTERM', () => process.exit(0));
