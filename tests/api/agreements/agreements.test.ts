import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../governance/canonical.ts';
import { outbox } from '../certificates/certificate-world.ts';
import { approved, does, form, trained } from '../mutations/steps.ts';
import { type Payload, startWorld, type World } from '../mutations/world.ts';

let world: World;
let request: Payload['request'];
const START = new Date('2025-03-15T12:00:00Z');
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
  world.clock.at = START;
  for (const who of ['ada'] as const) await trained(world, who);
  request = await approved(world, { LABELS: ['READ', 'EXPORT'] });
});
afterAll(() => world.stop());

const next = async (changes: Record<string, unknown> = {}) => {
  const { data } = await world.ask(null, '{ agreements { version } }');
  const version = data.agreements[0].version + 1;
  return { version, title: 'Agreement', text: `Text ${version}`, effectiveOn: '2025-04-01', graceDays: 7, ...changes };
};
const publish = async (changes: Record<string, unknown> = {}) =>
  does(
    world,
    'sam',
    'publishAgreement',
    await next(changes),
    '... on PublishAgreementSuccess { toSign agreement { version standing sha256 effectiveAt earlierSignaturesEndAt } }',
  );
const versions = async () => (await world.ask(null, '{ agreements { version standing } agreement { version } }')).data;
const at = (instant: string) => {
  world.clock.at = new Date(instant);
};
const sign = (version: number, more: Record<string, unknown> = {}) =>
  world.give('ada', 'signAgreement', { requestId: request.id, version, seen: request.seenHash, ...more });
const officialSigns = (version: number) =>
  world.give('olu', 'signAgreement', { requestId: request.id, version, seen: request.seenHash });
/** What the reader of labels may do by each path: rows, the checklist, an export. */
async function paths() {
  const asked = await world.ask('ada', '{ release { patients(first: 1) { totalCount } } }');
  const exported = await world.give('ada', 'requestExport', { modalities: ['LABELS'] });
  return {
    rows: asked.data?.release?.patients?.totalCount ?? asked.errors?.[0]?.extensions?.code,
    export: exported.code ?? 'asked for',
    reasons: (exported.reasons ?? []).map(({ code }) => code),
  };
}

describe('a version', () => {
  it('is shown to a steward with whom it would ask for a signature, before it is published', async () => {
    const asked = `{ agreementPreview(effectiveOn: "2025-04-01", graceDays: 7) { version graceDays effectiveAt until mustSign { as until person { name } } } }`;
    expect((await world.ask('sam', asked)).data.agreementPreview).toEqual({
      version: 2,
      graceDays: 7,
      effectiveAt: '2025-04-01T04:00:00.000Z',
      until: '2025-04-08T04:00:00.000Z',
      mustSign: expect.arrayContaining([
        { as: 'MEMBER', until: '2025-04-08T04:00:00.000Z', person: { name: 'Ada Person' } },
        { as: 'OFFICIAL', until: '2025-04-08T04:00:00.000Z', person: { name: 'Olu Person' } },
      ]),
    });
    const editorial = await world.ask(
      'sam',
      '{ agreementPreview(effectiveOn: "2025-04-01", editorial: true) { until graceDays mustSign { as } } }',
    );
    expect(editorial.data.agreementPreview).toEqual({ until: null, graceDays: 0, mustSign: [] });
    for (const who of ['ada', 'olu', 'cy', 'aud', 'adm', 'nob', null] as const) {
      const refused = await world.ask(who, asked);
      expect([refused.data.agreementPreview, refused.errors?.[0]?.extensions?.code]).toEqual([null, 'FORBIDDEN']);
    }
    const none = await world.ask('sam', '{ agreementPreview(effectiveOn: "2025-04-01", graceDays: -1) { version } }');
    expect(none.data.agreementPreview).toBeNull();
  });

  it('asks for no signature of who was removed, nor for a grant that is over', async () => {
    const signers = async () =>
      (
        await world.ask('sam', '{ agreementPreview(effectiveOn: "2025-04-01") { mustSign { as person { name } } } }')
      ).data.agreementPreview.mustSign.map(({ as }: { as: string }) => as);
    expect(await signers()).toHaveLength(2);
    const { pool } = world.db;
    await pool.query('UPDATE grant_member SET removed_at = $1', [START]);
    expect(await signers()).toEqual(['OFFICIAL']);
    await pool.query('UPDATE grant_member SET removed_at = NULL');
    for (const state of ['REVOKED', 'EXPIRED', 'CLOSED']) {
      await pool.query('UPDATE data_grant SET state = $1', [state]);
      expect(await signers()).toEqual([]);
    }
    await pool.query(`UPDATE data_grant SET state = 'SUSPENDED'`);
    expect(await signers()).toHaveLength(2);
    await pool.query(`UPDATE data_grant SET state = 'ACTIVE'`);
  });

  it('is published, announced, told to those who have to sign, once each, and written to the log', async () => {
    await world.db.pool.query('DELETE FROM outbox');
    const done = await publish();
    expect(done).toMatchObject({
      toSign: 2,
      agreement: {
        version: 2,
        standing: 'ANNOUNCED',
        sha256: sha256('Text 2'),
        effectiveAt: '2025-04-01T04:00:00.000Z',
        earlierSignaturesEndAt: '2025-04-08T04:00:00.000Z',
      },
    });
    const told = await outbox(world);
    expect(told.map(({ to, template, data }) => [to, template, data.official]).sort()).toEqual([
      ['ada', 'agreement-published', false],
      ['olu', 'agreement-published', true],
    ]);
    expect(await world.entries('PUBLISH_AGREEMENT')).toMatchObject([{ version: 2, graceDays: 7, toSign: 2 }]);
    expect(await versions()).toEqual({
      agreement: { version: 1 },
      agreements: [
        { version: 2, standing: 'ANNOUNCED' },
        { version: 1, standing: 'IN_FORCE' },
      ],
    });
  });

  it.each([
    ['VERSION_TAKEN', { version: 2 }],
    ['DAY_INVALID', { effectiveOn: '2025-03-14' }],
    ['GRACE_INVALID', { graceDays: -1 }],
    ['TEXT_MISSING', { text: ' ' }],
    ['TEXT_UNCHANGED', { text: 'Text 2' }],
  ])('is refused with %s for %o, and leaves nothing', async (code, changes) => {
    const before = await outbox(world);
    const payload = await world.give('sam', 'publishAgreement', await next(changes));
    expect(payload.code).toBe(code);
    expect((await versions()).agreements).toHaveLength(2);
    expect(await outbox(world)).toEqual(before);
  });

  it('ends what was signed before it at the end of its grace, on every path, and a signature given ahead carries over', async () => {
    at('2025-04-08T03:59:59.999Z');
    expect(await paths()).toEqual({ rows: 2, export: 'asked for', reasons: [] });
    expect((await versions()).agreements[0].standing).toBe('IN_FORCE');
    at('2025-04-08T04:00:00Z');
    const lost = await paths();
    expect(lost).toEqual({ rows: 'FORBIDDEN', export: 'FORBIDDEN', reasons: ['AGREEMENT_OUTDATED'] });
    // An earlier moment again, to sign ahead of the day.
    at('2025-03-20T12:00:00Z');
    expect((await sign(2, { typedName: ' ada   PERSON ' })).__typename).toBe('SignAgreementSuccess');
    at('2025-04-08T04:00:00Z');
    // The official has not signed: the member alone is not enough.
    expect((await paths()).reasons).toEqual(['AGREEMENT_OUTDATED']);
    expect((await officialSigns(2)).__typename).toBe('SignAgreementSuccess');
    expect(await paths()).toEqual({ rows: 2, export: 'asked for', reasons: [] });
  });

  it('without grace, effective today, ends it the moment that it is published', async () => {
    at('2025-05-01T12:00:00Z');
    expect((await paths()).rows).toBe(2);
    const { agreement } = await publish({ effectiveOn: '2025-05-01', graceDays: 0 });
    expect(agreement).toMatchObject({ version: 3, standing: 'IN_FORCE' });
    expect(await paths()).toEqual({ rows: 'FORBIDDEN', export: 'FORBIDDEN', reasons: ['AGREEMENT_OUTDATED'] });
    await officialSigns(3);
    expect((await sign(3)).__typename).toBe('SignAgreementSuccess');
    expect((await paths()).rows).toBe(2);
  });

  it('ends at its instant what a running export may do, too', async () => {
    at('2025-05-02T12:00:00Z');
    const { export: asked } = await does(
      world,
      'ada',
      'requestExport',
      { modalities: ['LABELS'] },
      '... on RequestExportSuccess { export { id } }',
    );
    expect(asked.id).toBeTruthy();
    const { rows } = await world.db.pool.query(
      `SELECT * FROM job WHERE kind LIKE '%export%' ORDER BY created_at DESC, id DESC LIMIT 1`,
    );
    const kind = world.services.exports.jobKinds().find((one) => one.kind === rows[0].kind)!;
    const job = (await world.base.jobs.get(rows[0].id))!;
    const refusals = () => kind.refusals!(job, kind.payload.parse(job.payload));
    expect(await refusals()).toEqual([]);
    await publish({ effectiveOn: '2025-05-03', graceDays: 0 });
    at('2025-05-03T03:59:59.999Z');
    expect(await refusals()).toEqual([]);
    at('2025-05-03T04:00:00Z');
    expect(await refusals()).toEqual(['AGREEMENT_OUTDATED']);
    await officialSigns(4);
    await sign(4);
    expect(await refusals()).toEqual([]);
  });

  it('that is editorial asks nobody for anything', async () => {
    await world.db.pool.query('DELETE FROM outbox');
    const { toSign, agreement } = await publish({ effectiveOn: '2025-05-03', graceDays: 0, editorial: true });
    expect([toSign, agreement.standing, agreement.earlierSignaturesEndAt]).toEqual([0, 'IN_FORCE', null]);
    expect((await paths()).rows).toBe(2);
    expect(await outbox(world)).toEqual([]);
  });

  it('of two stewards at once is published once', async () => {
    const input = await next({ effectiveOn: '2025-06-01' });
    const both = await Promise.all([
      world.give('sam', 'publishAgreement', input),
      world.give('sue', 'publishAgreement', { ...input, text: 'Another text' }),
    ]);
    expect(both.map(({ code }) => code ?? 'done').sort()).toEqual(['VERSION_TAKEN', 'done']);
  });

  it('is never changed, by the server itself either', async () => {
    for (const statement of [`UPDATE agreement SET text = ''`, 'DELETE FROM agreement'])
      await expect(world.db.database.query(statement)).rejects.toThrow('permission denied');
  });
});

describe('a signature', () => {
  it('keeps the hash of its text, the time and what was typed, in the event and in what is projected', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT capacity, version, text_sha256, typed_name FROM grant_signature s JOIN account a ON a.id = s.account_id WHERE a.subject IN ('ada', 'olu') AND version = 2 ORDER BY capacity`,
    );
    expect(rows).toEqual([
      { capacity: 'MEMBER', version: 2, text_sha256: sha256('Text 2'), typed_name: 'ada PERSON' },
      { capacity: 'OFFICIAL', version: 2, text_sha256: sha256('Text 2'), typed_name: null },
    ]);
    const events = await world.db.pool.query(
      `SELECT data FROM request_event WHERE request_id = $1 AND type = 'AgreementSigned' AND data ->> 'version' = '2' ORDER BY number`,
      [request.id],
    );
    expect(events.rows.map(({ data }) => [data.textSha256, data.typedName])).toEqual([
      [sha256('Text 2'), 'ada PERSON'],
      [sha256('Text 2'), undefined],
    ]);
    const { data } = await world.ask(
      'ada',
      `{ accessRequest(id: "${request.id}") { signatures { version as typedName textSha256 } } }`,
    );
    expect(data.accessRequest.signatures).toContainEqual({
      version: 2,
      as: 'MEMBER',
      typedName: 'ada PERSON',
      textSha256: sha256('Text 2'),
    });
  });

  it('of the official is given by endorsing, with the name that they typed', async () => {
    at('2025-05-04T12:00:00Z');
    const { version } = (await versions()).agreement;
    const { request: begun } = await does(world, 'ada', 'createAccessRequest', {});
    const requestId = begun.id;
    const { request: edited } = await does(world, 'ada', 'editAccessRequest', {
      requestId,
      form: form({ LABELS: ['READ'] }),
    });
    const seen = edited.seenHash;
    await does(world, 'ada', 'signAgreement', { requestId, version, seen, typedName: 'Ada Person' });
    await does(world, 'ada', 'submitAccessRequest', { requestId });
    const endorsement = { requestId, seen, agreementVersion: version, attestsEmployment: true, attestsSeniority: true };
    const other = await world.give('olu', 'endorseAccessRequest', { ...endorsement, typedName: 'Ada Person' });
    expect(other.code).toBe('NAME_DIFFERS');
    await does(world, 'olu', 'endorseAccessRequest', { ...endorsement, typedName: 'Olu Person' });
    const { data } = await world.ask(
      'olu',
      `{ accessRequest(id: "${requestId}") { signatures { as version typedName textSha256 } } }`,
    );
    const { sha256: textSha256 } = (await world.ask(null, '{ agreement { sha256 } }')).data.agreement;
    expect(data.accessRequest.signatures).toEqual([
      { as: 'MEMBER', version, typedName: 'Ada Person', textSha256 },
      { as: 'OFFICIAL', version, typedName: 'Olu Person', textSha256 },
    ]);
  });

  it('with the name of somebody else is none', async () => {
    expect((await sign(5, { typedName: 'Ben Person' })).code).toBe('NAME_DIFFERS');
  });

  it('under a version that is over, or that there is not, is none', async () => {
    for (const version of [1, 2, 3, 99, 0, -1]) expect((await sign(version)).code).toBe('AGREEMENT_NOT_IN_FORCE');
  });
});
