import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { remindOfCertificates } from '../../../api/services/access/certificate-reminders.ts';
import { writeMail } from '../../../api/services/mail/write-mail.ts';
import type { Name } from '../mutations/world.ts';
import { startWorld, type World } from '../mutations/world.ts';
import { handIn, outbox, verify } from './certificate-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());
afterEach(async () => {
  await world.db.pool.query('ALTER TABLE certificate_reminder DISABLE TRIGGER ALL');
  await world.db.pool.query('DELETE FROM certificate_reminder');
  await world.db.pool.query('ALTER TABLE certificate_reminder ENABLE TRIGGER ALL');
  await world.db.pool.query('DELETE FROM outbox');
  await world.db.pool.query('DELETE FROM certificate');
});

const START = new Date('2025-03-15T12:00:00Z');
async function ending(who: Name, expiresOn: string, completedOn = '2025-01-10') {
  world.clock.at = START;
  const made = await verify(world, await handIn(world, who, { expiresOn, completedOn }));
  await world.db.pool.query('DELETE FROM outbox');
  return made;
}
const remind = (at: string) => {
  world.clock.at = new Date(at);
  return remindOfCertificates(world.base);
};

describe('reminders', () => {
  it('go at 60, 30 and 7 days, once each, however often the job runs', async () => {
    await ending('ada', '2025-12-01');
    const sent: [string, number][] = [];
    for (let at = Date.parse('2025-09-01T00:00:00Z'); at < Date.parse('2025-12-10T00:00:00Z'); at += 6 * 3_600_000) {
      const count = await remind(new Date(at).toISOString());
      if (count > 0) sent.push([new Date(at).toISOString(), count]);
    }
    expect(sent).toEqual([
      ['2025-10-02T06:00:00.000Z', 1],
      ['2025-11-01T06:00:00.000Z', 1],
      ['2025-11-24T06:00:00.000Z', 1],
    ]);
    expect((await outbox(world)).map(({ to, data }) => [to, data.days, data.newerWaits])).toEqual([
      ['ada', 60, false],
      ['ada', 30, false],
      ['ada', 7, false],
    ]);
  });

  it('after a standstill of months are one, not three', async () => {
    await ending('ada', '2025-12-01');
    await ending('ben', '2025-12-20');
    expect(await remind('2025-11-29T00:00:00Z')).toBe(2);
    expect((await outbox(world)).map(({ to, data }) => [to, data.days]).sort()).toEqual([
      ['ada', 3],
      ['ben', 22],
    ]);
    expect(await remind('2025-11-29T01:00:00Z')).toBe(0);
    expect(await remind('2025-12-13T06:00:00Z')).toBe(1);
  });

  it('asked for by several servers at once go once', async () => {
    await ending('ada', '2025-12-01');
    await ending('eve', '2025-12-01');
    world.clock.at = new Date('2025-11-29T00:00:00Z');
    const counts = await Promise.all([1, 2, 3, 4, 5].map(() => remindOfCertificates(world.base)));
    expect(counts.reduce((one, other) => one + other)).toBe(2);
    expect(await outbox(world)).toHaveLength(2);
  });

  it('do not go for one that another replaces, and say so of one that waits', async () => {
    await ending('ada', '2025-12-01');
    await ending('ada', '2026-12-01', '2025-02-01');
    expect(await remind('2025-11-29T00:00:00Z')).toBe(0);
    await ending('ben', '2025-12-01');
    world.clock.at = new Date('2025-11-20T00:00:00Z');
    await handIn(world, 'ben', { completedOn: '2025-11-01' });
    expect(await remind('2025-11-29T00:00:00Z')).toBe(1);
    expect((await outbox(world))[0]!.data).toMatchObject({ days: 3, newerWaits: true });
  });

  it('do not go for what waits, was rejected or withdrawn, or is over', async () => {
    await ending('ada', '2025-12-01');
    expect(await remind('2025-12-02T05:00:00Z')).toBe(0);
    await world.db.pool.query(`UPDATE certificate SET state = 'WITHDRAWN'`);
    expect(await remind('2025-11-29T00:00:00Z')).toBe(0);
  });

  it("go by the policy's months for one that names no end, the last day of a shorter month included", async () => {
    world.clock.at = START;
    // Two years of HIPAA after 31 January 2024 end on 31 January 2026.
    await verify(world, await handIn(world, 'ada', { completedOn: '2024-01-31' }));
    await world.db.pool.query('DELETE FROM outbox');
    expect(await remind('2026-01-24T04:59:59Z')).toBe(1); // the one of 30 days
    expect(await remind('2026-01-24T05:00:00Z')).toBe(1);
    expect((await outbox(world)).map(({ data }) => [data.days, data.lastDay])).toEqual([
      [8, '2026-01-31'],
      [7, '2026-01-31'],
    ]);
  });

  it('are settled for good: the server cannot take one back', async () => {
    await ending('ada', '2025-12-01');
    await remind('2025-11-29T00:00:00Z');
    await expect(world.db.database.query('DELETE FROM certificate_reminder')).rejects.toThrow('permission denied');
  });

  it('are read by a person as what they are', () => {
    const mail = writeMail({
      id: '0',
      template: 'certificate-ends',
      data: { training: 'Information security', lastDay: '2026-03-03', days: 1, newerWaits: false },
      name: 'Ada Lovelace',
      address: 'ada@example.org',
      portal: 'https://portal.example',
      at: START,
    });
    expect(mail).toMatchObject({ subject: 'Your training certificate ends in 1 day' });
    expect(mail!.text).toBe(
      [
        'Dear Ada Lovelace,',
        `Your certificate of the training "Information security" counts to the end of 3 March 2026 (the study's calendar). Access that depends on it ends with it, at once and without another notice.`,
        'Hand in a newer certificate before that day: this one counts until the new one is verified.',
        'Accepted courses, and where to hand it in: https://portal.example',
        'This message was sent by a program; nobody reads answers to it.\n',
      ].join('\n\n'),
    );
  });
});
