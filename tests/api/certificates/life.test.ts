import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountActor } from '../../../governance/actor.ts';
import { does } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';
import { aPdf, handIn, mine, outbox, sha256, verify } from './certificate-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

const actor = (who: Name): AccountActor => ({ kind: 'account', accountId: world.idOf(who) });
const opened = async (id: string, who: Name) =>
  world.services.certificates.openFile(
    { id: 't', kind: 'certificate', accountId: world.idOf(who), certificateId: id } as never,
    actor(who),
  );

describe('a wrong file', () => {
  it('is replaced while the certificate waits: same place, other bytes', async () => {
    const wrong = aPdf('a holiday picture');
    const right = aPdf('the certificate');
    const made = await handIn(world, 'ada', { file: wrong });
    await world.put('ada', '/uploads', right);
    const { certificate } = await does(
      world,
      'ada',
      'replaceCertificateFile',
      { id: made.id, fileSha256: sha256(right) },
      '... on ReplaceCertificateFileSuccess { certificate { id state uploadedAt fileSha256 } }',
    );
    expect(certificate).toEqual({
      id: made.id,
      state: 'PENDING',
      uploadedAt: made.uploadedAt,
      fileSha256: sha256(right),
    });
    expect(await opened(made.id, 'ada')).toMatchObject({ sha256: sha256(right), bytes: right.length });
    const stale = await world.give('sam', 'verifyCertificate', { id: made.id, how: 'SEEN', seen: sha256(wrong) });
    expect(stale).toMatchObject({ __typename: 'FileChanged', code: 'FILE_CHANGED' });
    await verify(world, certificate);
    const late = await world.give('ada', 'replaceCertificateFile', { id: made.id, fileSha256: sha256(wrong) });
    expect(late.code).toBe('WRONG_STATE');
  });

  it('is replaced by nobody else, and by no file of somebody else', async () => {
    const { id } = await handIn(world, 'ada');
    const file = aPdf();
    await world.put('ben', '/uploads', file);
    for (const [who, code] of [
      ['ben', 'CERTIFICATE_UNKNOWN'],
      ['sam', 'CERTIFICATE_UNKNOWN'],
      ['ada', 'FILE_MISSING'],
    ] as const)
      expect((await world.give(who, 'replaceCertificateFile', { id, fileSha256: sha256(file) })).code).toBe(code);
  });

  it('replaced in the very moment of its verification: one of the two is told', async () => {
    for (let round = 0; round < 8; round++) {
      const made = await handIn(world, 'ben', { type: 'GLOBAL_PRIVACY' });
      const other = aPdf();
      await world.put('ben', '/uploads', other);
      const [replaced, verified] = await Promise.all([
        world.give('ben', 'replaceCertificateFile', { id: made.id, fileSha256: sha256(other) }),
        world.give('sam', 'verifyCertificate', { id: made.id, how: 'SEEN', seen: made.fileSha256 }),
      ]);
      const codes = [replaced.code ?? 'done', verified.code ?? 'done'];
      expect([
        ['done', 'FILE_CHANGED'],
        ['WRONG_STATE', 'done'],
      ]).toContainEqual(codes);
      await world.give('ben', 'withdrawCertificate', { id: made.id });
    }
  });
});

describe('a certificate', () => {
  it('is replaced by a newer one without a gap, and a rejected newer one takes nothing away', async () => {
    const old = await verify(world, await handIn(world, 'eve'));
    const first = await handIn(world, 'eve', { completedOn: '2025-02-01' });
    const second = await handIn(world, 'eve', { completedOn: '2025-02-02' });
    expect(await mine(world, 'eve')).toEqual([
      [second.id, 'PENDING'],
      [old.id, 'VERIFIED'],
    ]);
    expect(
      (await world.give('sam', 'verifyCertificate', { id: first.id, how: 'SEEN', seen: first.fileSha256 })).code,
    ).toBe('WRONG_STATE');
    await does(world, 'sam', 'rejectCertificate', { id: second.id, reason: 'Another name.' }, '');
    expect(await mine(world, 'eve')).toEqual([
      [second.id, 'REJECTED'],
      [old.id, 'VERIFIED'],
    ]);
    const standing = await world.ask('eve', '{ viewer { certificates { state endsAt } } }');
    expect(standing.data.viewer.certificates[1].endsAt).toBe('2027-01-11T05:00:00.000Z');
  });

  it('is verified and rejected by nobody who has declared its owner a recent co-author', async () => {
    const { id, fileSha256: seen } = await handIn(world, 'ben');
    await does(world, 'sue', 'declareCoAuthor', { other: 'ben@example.org', lastPublishedOn: '2025-01-10' }, '');
    for (const [command, input] of [
      ['verifyCertificate', { id, how: 'SEEN', seen }],
      ['rejectCertificate', { id, reason: 'Unreadable.' }],
    ] as const)
      expect(JSON.stringify(await world.give('sue', command, input))).toContain('CONFLICT_OF_INTEREST');
    await world.give('ben', 'withdrawCertificate', { id });
  });

  it("is withdrawn by its owner alone, and its file is then nobody's", async () => {
    const made = await handIn(world, 'ada', { type: 'SOCIAL_BEHAVIORAL' });
    expect(await opened(made.id, 'sam')).toMatchObject({ kind: 'file' });
    for (const who of ['ben', 'sam'] as const)
      expect((await world.give(who, 'withdrawCertificate', { id: made.id })).code).toBe('CERTIFICATE_UNKNOWN');
    await does(world, 'ada', 'withdrawCertificate', { id: made.id }, '');
    expect((await mine(world, 'ada')).find(([id]) => id === made.id)?.[1]).toBe('WITHDRAWN');
    expect(await opened(made.id, 'ada')).toBeNull();
    expect(await opened(made.id, 'sam')).toBeNull();
    expect((await world.give('ada', 'withdrawCertificate', { id: made.id })).code).toBe('WRONG_STATE');
  });

  it('reads EXPIRED from the end of its last day on, with nobody doing anything', async () => {
    const before = world.clock.at;
    const made = await verify(
      world,
      await handIn(world, 'ada', { type: 'CONFLICTS_OF_INTEREST', expiresOn: '2025-08-31' }),
    );
    const stateAt = async (at: string) => {
      world.clock.at = new Date(at);
      return (await world.ask('ada', `{ certificate(id: "${made.id}") { state } }`)).data.certificate.state;
    };
    expect(await stateAt('2025-09-01T03:59:59.999Z')).toBe('VERIFIED');
    expect(await stateAt('2025-09-01T04:00:00Z')).toBe('EXPIRED');
    world.clock.at = before;
  });

  it('is opened by its owner and by stewards; to everybody else there is none', async () => {
    const { id } = await handIn(world, 'ada', { type: 'HUMAN_SUBJECTS' });
    for (const who of ['ada', 'sam', 'sue'] as const) {
      expect((await world.ask(who, `{ certificate(id: "${id}") { id } }`)).data.certificate).toEqual({ id });
      expect(await opened(id, who)).toMatchObject({ kind: 'file', inline: false, contentType: 'application/pdf' });
    }
    for (const who of ['ben', 'eve', 'olu', 'cy', 'aud', 'adm', 'nob'] as const) {
      expect((await world.ask(who, `{ certificate(id: "${id}") { id } }`)).data.certificate).toBeNull();
      expect(await opened(id, who)).toBeNull();
    }
    expect((await world.ask(null, `{ certificate(id: "${id}") { id } }`)).data.certificate).toBeNull();
  });

  it('has its owner told by mail what became of it, and nobody else', async () => {
    await world.db.pool.query('DELETE FROM outbox');
    const made = await handIn(world, 'ben', { type: 'HIPAA' });
    expect(await outbox(world)).toEqual([]);
    await verify(world, made, 'SEEN');
    await does(world, 'sam', 'rejectCertificate', { id: made.id, reason: 'Forged after all.' }, '');
    expect(await outbox(world)).toEqual([
      { template: 'certificate-verified', to: 'ben', data: { training: 'Health information privacy (HIPAA)' } },
      { template: 'certificate-rejected', to: 'ben', data: { training: 'Health information privacy (HIPAA)' } },
    ]);
  });
});

describe('the queue', () => {
  it('is oldest first, by page, with totals, and a page goes on where the one before ended', async () => {
    await world.db.pool.query(`UPDATE certificate SET state = 'WITHDRAWN' WHERE state = 'PENDING'`);
    const made: string[] = [];
    for (const [who, type] of [
      ['ada', 'HIPAA'],
      ['ben', 'HIPAA'],
      ['eve', 'GLOBAL_PRIVACY'],
      ['ada', 'GLOBAL_PRIVACY'],
      ['ben', 'HUMAN_SUBJECTS'],
    ] as const) {
      world.clock.at = new Date(world.clock.at.getTime() + 1000);
      made.push((await handIn(world, who, { type })).id);
    }
    const page = async (asked: string) =>
      (
        await world.ask(
          'sam',
          `{ certificateQueue(${asked}) { nodes { id } totalCount pageInfo { hasNextPage endCursor } } }`,
        )
      ).data.certificateQueue;
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const found: {
        nodes: { id: string }[];
        totalCount: number;
        pageInfo: { hasNextPage: boolean; endCursor: string };
      } = await page(`first: 2${after ? `, after: "${after}"` : ''}`);
      expect(found.totalCount).toBe(5);
      ids.push(...found.nodes.map(({ id }) => id));
      after = found.pageInfo.hasNextPage ? found.pageInfo.endCursor : null;
    } while (after);
    expect(ids).toEqual(made);
    expect(await page('type: HIPAA')).toMatchObject({ totalCount: 2, nodes: [{ id: made[0] }, { id: made[1] }] });
    expect((await page('first: 2, after: "bm9uZQ"')).nodes).toEqual([]);
    const { data } = await world.ask('sam', '{ certificateTotals { type waiting } }');
    expect(data.certificateTotals).toEqual([
      { type: 'GLOBAL_PRIVACY', waiting: 2 },
      { type: 'HIPAA', waiting: 2 },
      { type: 'HUMAN_SUBJECTS', waiting: 1 },
    ]);
  });

  it.each(['ada', 'olu', 'cy', 'aud', 'adm', 'nob', null] as const)('is not for %s', async (who) => {
    const { data, errors } = await world.ask(who, '{ certificateQueue { totalCount } certificateTotals { waiting } }');
    expect(data).toEqual({ certificateQueue: null, certificateTotals: null });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });
});
