import { afterAll, beforeAll, expect, it } from 'vitest';
import { queueMail } from '../../../api/services/mail/queue-mail.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

const unsent = (who: Parameters<World['ask']>[0], page = 'first: 10') =>
  world.ask(
    who,
    `{ unsentMail(${page}) { totalCount nodes { id address state error } pageInfo { hasNextPage endCursor } } }`,
  );

it('messages that did not leave are listed for administrators, page by page, and sent again at their word', async () => {
  for (const title of ['One', 'Two', 'Three'])
    await world.db.database.transaction((sql) =>
      queueMail(sql, { to: { address: 'x@example.org' }, template: 'request-returned', data: { title } }),
    );
  await world.db.pool.query(
    `UPDATE outbox SET state = 'GIVEN_UP', attempts = 18, error = 'away' WHERE data ->> 'title' = 'One'`,
  );
  await world.db.pool.query(`UPDATE outbox SET state = 'SENT' WHERE data ->> 'title' = 'Two'`);
  await world.db.pool.query('DELETE FROM job');
  const first = (await unsent('adm', 'first: 1')).data.unsentMail;
  expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
  expect(first.nodes).toMatchObject([{ address: 'x@example.org', state: 'GIVEN_UP', error: 'away' }]);
  const second = (await unsent('adm', `first: 1, after: "${first.pageInfo.endCursor}"`)).data.unsentMail;
  expect(second).toMatchObject({ pageInfo: { hasNextPage: false }, nodes: [{ state: 'WAITING' }] });
  expect((await unsent('adm', 'after: "nonsense"')).data.unsentMail.nodes).toEqual([]);
  const waiting = await world.give('adm', 'sendMailAgain', { id: second.nodes[0].id });
  expect(waiting.code).toBe('MAIL_UNKNOWN');
  const again = await world.give('adm', 'sendMailAgain', { id: first.nodes[0].id });
  expect(again.__typename).toBe('SendMailAgainSuccess');
  const { rows } = await world.db.pool.query(`SELECT payload FROM job WHERE kind = 'send-mail' AND state = 'QUEUED'`);
  expect(rows).toEqual([{ payload: { outboxId: first.nodes[0].id } }]);
  expect(await world.entries('SEND_MAIL_AGAIN')).toMatchObject([{ message: first.nodes[0].id }]);
});

it.each(['ada', 'olu', 'sam', 'cy', 'aud', 'nob', null] as const)('it is not for %s', async (who) => {
  const { data, errors } = await unsent(who);
  expect([data.unsentMail, errors?.[0]?.extensions?.code]).toEqual([null, 'FORBIDDEN']);
});
