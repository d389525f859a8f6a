import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { does, PDF } from './steps.ts';
import { type Name, type Payload, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

const CERTIFICATE =
  'certificate { id type state owner { name } expiresOn endsAt verifiedHow rejectedFor fileSha256 contentType }';
const uploaded = (selection = CERTIFICATE) => `... on UploadCertificateSuccess { ${selection} }`;

const claim = async (who: Name, changes: Record<string, unknown> = {}) => {
  const sent = await world.put(who, '/uploads', PDF);
  const { sha256 } = (await sent.json()) as { sha256: string };
  return {
    type: 'HIPAA',
    completedOn: '2025-01-10',
    credentialId: 'C-1',
    fileSha256: sha256,
    ...(await world.ask(null, '{ trainings { type courses { key } } }').then(({ data }) => {
      const found = data.trainings.find(({ type }: { type: string }) => type === (changes.type ?? 'HIPAA'));
      return { course: found.courses[0].key };
    })),
    ...changes,
  };
};

const handedIn = async (who: Name, changes: Record<string, unknown> = {}): Promise<Payload> =>
  (await does(world, who, 'uploadCertificate', await claim(who, changes), uploaded())).certificate;

const pending = async (who: Name | null) => world.ask(who, '{ certificatesPending { id owner { name } } }');

describe('a token of a script', () => {
  it('reads no certificate, not even its owner’s', async () => {
    const { id } = await handedIn('nob');
    const query = 'query($id: ID!) { certificate(id: $id) { id } viewer { certificates { id } } }';
    const inPerson = await world.ask('nob', query, { id });
    expect(inPerson.data).toMatchObject({ certificate: { id }, viewer: { certificates: [{ id }] } });
    const token = { 'x-test-token': '00000000-0000-7000-8000-000000000000' };
    const { data } = await world.ask('nob', query, { id }, token);
    expect(data).toEqual({ certificate: null, viewer: { certificates: [] } });
    await does(world, 'nob', 'withdrawCertificate', { id }, '');
  });
});

describe('a certificate', () => {
  it('is handed in, waits in the list of stewards, is verified, and counts', async () => {
    const certificate = await handedIn('ada');
    expect(certificate).toMatchObject({
      type: 'HIPAA',
      state: 'PENDING',
      owner: { name: 'Ada Person' },
      fileSha256: createHash('sha256').update(PDF).digest('hex'),
      contentType: 'application/pdf',
      verifiedHow: null,
    });
    expect((await pending('sam')).data.certificatesPending).toContainEqual({
      id: certificate.id,
      owner: { name: 'Ada Person' },
    });
    const { certificate: verified } = await does(
      world,
      'sam',
      'verifyCertificate',
      { id: certificate.id, how: 'SEEN', seen: certificate.fileSha256 },
      `... on VerifyCertificateSuccess { ${CERTIFICATE} }`,
    );
    expect(verified).toMatchObject({ state: 'VERIFIED', verifiedHow: 'SEEN' });
    expect((await pending('sam')).data.certificatesPending).toEqual([]);
    const { data } = await world.ask('ada', '{ viewer { certificates { id state file { url } } } }');
    expect(data.viewer.certificates).toEqual([
      { id: certificate.id, state: 'VERIFIED', file: { url: expect.stringMatching(/^http:\/\/localhost\/files\/./) } },
    ]);
  });

  it('is rejected with a reason that its owner reads', async () => {
    const { id } = await handedIn('ben');
    const empty = await world.give('sam', 'rejectCertificate', { id, reason: ' ' });
    expect(empty.code).toBe('REASON_MISSING');
    await does(world, 'sam', 'rejectCertificate', { id, reason: 'Another name stands on it.' }, '');
    const again = await world.give('sam', 'verifyCertificate', { id, how: 'SEEN', seen: '0'.repeat(64) });
    expect(again.code).toBe('WRONG_STATE');
    const { data } = await world.ask('ben', '{ viewer { certificates { state rejectedFor } } }');
    expect(data.viewer.certificates).toEqual([{ state: 'REJECTED', rejectedFor: 'Another name stands on it.' }]);
  });

  it('is decided by nobody for themself or their institution', async () => {
    const { id } = await handedIn('sam', { type: 'GLOBAL_PRIVACY' });
    for (const who of ['sam', 'sue'] as const) {
      const payload = await world.give(who, 'verifyCertificate', { id, how: 'SEEN', seen: '0'.repeat(64) });
      expect(payload).toMatchObject({ __typename: 'Refused', code: 'FORBIDDEN' });
      expect(payload.reasons!.map(({ code }) => code)).toEqual(['CONFLICT_OF_INTEREST']);
    }
  });

  it.each([
    ['COURSE_NOT_ACCEPTED', { course: 'a weekend seminar' }],
    ['DATES_INVALID', { completedOn: '2025-12-31' }],
    ['DATES_INVALID', { expiresOn: '2025-02-01' }],
    ['CREDENTIAL_MISSING', { credentialId: ' ' }],
    ['FILE_MISSING', { fileSha256: '0'.repeat(64) }],
  ])('is refused with %s for %o', async (code, changes) => {
    expect(await world.give('ada', 'uploadCertificate', await claim('ada', changes))).toMatchObject({ code });
  });

  it('takes the file of nobody else', async () => {
    const mine = await claim('ada');
    await world.put('ben', '/uploads', Buffer.concat([PDF, Buffer.from('%%EOF\n')]));
    const other = createHash('sha256')
      .update(Buffer.concat([PDF, Buffer.from('%%EOF\n')]))
      .digest('hex');
    expect(await world.give('ada', 'uploadCertificate', { ...mine, fileSha256: other })).toMatchObject({
      code: 'FILE_MISSING',
    });
  });

  it('is unknown by an id that is none', async () => {
    for (const id of ['x', '00000000-0000-7000-8000-000000000000'])
      expect(await world.give('sam', 'verifyCertificate', { id, how: 'SEEN', seen: '0'.repeat(64) })).toMatchObject({
        __typename: 'CertificateUnknown',
        code: 'CERTIFICATE_UNKNOWN',
      });
  });
});

describe('the list of certificates that wait', () => {
  it.each(['ada', 'olu', 'cy', 'aud', 'adm', 'nob', null] as const)('is not for %s', async (who) => {
    const { data, errors } = await pending(who);
    expect(data.certificatesPending).toBeNull();
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
    expect(errors?.[0]?.extensions?.reasons).toMatchObject([{ code: who === null ? 'NOT_SIGNED_IN' : 'ROLE_MISSING' }]);
  });
});

describe('a date that is none', () => {
  it('is no date of a certificate', async () => {
    const query = 'mutation($input: UploadCertificateInput!) { uploadCertificate(input: $input) { __typename } }';
    const { errors } = await world.ask('ada', query, { input: await claim('ada', { completedOn: '2025-02-30' }) });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });
});
