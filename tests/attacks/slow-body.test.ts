import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { expect, it } from 'vitest';
import { createGraphql } from '../../api/graphql.ts';
import { ANONYMOUS } from '../../governance/actor.ts';
import type { Context } from '../../schema/context.ts';
import { DEFAULT_LIMITS } from '../../schema/limits.ts';

it('a body that drips is given up in time, and its connection ends', async () => {
  const graphql = await createGraphql({
    context: async () => ({ actor: ANONYMOUS }) as unknown as Context,
    log: { info() {}, error() {} },
    newId: () => 'id',
    limits: { ...DEFAULT_LIMITS, bodySeconds: 0.4 },
  });
  const app = express();
  app.use('/graphql', graphql.middleware);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  socket.on('error', () => {});
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{',
  );
  const drip = setInterval(() => socket.write(' '), 50);
  await once(socket, 'close');
  clearInterval(drip);
  expect(said).toMatch(/^HTTP\/1\.1 408 /);
  server.close();
  await graphql.stop();
});
