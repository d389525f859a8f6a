import { beforeAll, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import type { ServerFacts } from './support/global-server.ts';
import { iss } from './support/iss.ts';
import { person, wholeServer } from './support/person.ts';

let server: ServerFacts;
beforeAll(async () => {
  server = await wholeServer();
});

it('the log of everything that was done here is whole', async () => {
  await (await person(server, 'researcher')).ask(
    '{ release(version: "1.0.0") { patients(first: 1) { nodes { code } } } }',
  );
  const { code, stdout } = await eventually(
    () => iss(server, null, ['audit', 'verify', '--json']),
    (ended) => ended.code === 0,
    10,
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ whole: true, problems: [], unsealed: 0 });
});
