import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, does, trained } from './steps.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 3, submissions: 2, frames: 30 });
  await world.db.pool.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, created_at) VALUES (gen_random_uuid(), 'people', 'People', false, 'UTC', now())`,
  );
});
afterAll(() => world.stop());

const HEADER = 'patient,sex,skin_type,worst_pain,source_device,enrolled_on';
const enrolment = (...lines: string[]) => Buffer.from([HEADER, ...lines].join('\n')).toString('base64');
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const VIDEO = Buffer.from('not really a video');
const SURVEY = Buffer.from('not really a survey');
const ITEM = { patient: '9101', timestamp: '20201201T003232' };

describe('a drop', () => {
  const DROP =
    '... on OpenDropSuccess { drop { id study waiting items { patient timestamp outcome reasonCode wanted frames } } }';
  const opened = (changes: Record<string, unknown> = {}) =>
    world.give(
      'cy',
      'openDrop',
      {
        enrolment: enrolment('9101,F,I-III,2,iPhone 11,2020-12-01'),
        items: [{ ...ITEM, videoSha256: sha(VIDEO), videoBytes: VIDEO.length, surveySha256: sha(SURVEY) }],
        ...changes,
      },
      `${DROP} ... on EnrolmentInvalid { problems { code line column message } }`,
    );
  const put = (drop: string, file: string, body: Uint8Array) =>
    world.put('cy', `/ingest/${drop}/${ITEM.patient}/${ITEM.timestamp}/${file}`, body);

  it('stands in a list, the newest first, page by page', async () => {
    const made = [(await opened()).drop.id, (await opened()).drop.id, (await opened()).drop.id].reverse();
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data } = await world.ask(
        'cy',
        'query($after: String) { drops(first: 2, after: $after) { totalCount nodes { id submissions waiting failed openedBy { name } } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      found.push(...data.drops.nodes.map(({ id }: { id: string }) => id));
      expect(data.drops.nodes[0]).toMatchObject({ submissions: 1, failed: 0, openedBy: { name: expect.any(String) } });
      if (!data.drops.pageInfo.hasNextPage) {
        expect(data.drops.totalCount).toBe(found.length);
        break;
      }
      after = data.drops.pageInfo.endCursor;
    }
    expect(found.slice(0, 3)).toEqual(made);
    const { data } = await world.ask('cy', '{ drops(after: "nonsense") { nodes { id } } }');
    expect(data.drops.nodes).toEqual([]);
    for (const who of ['ada', 'sam', 'aud', 'adm', null] as const)
      expect((await world.ask(who, '{ drops { totalCount } }')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('is announced, sent, and queued once its files are there', async () => {
    const { drop } = await opened();
    expect(drop).toMatchObject({
      study: 'demo',
      waiting: 1,
      items: [{ ...ITEM, outcome: 'WAITING', reasonCode: null, wanted: ['VIDEO', 'SURVEY'], frames: null }],
    });
    expect((await put(drop.id, 'survey.csv', SURVEY)).status).toBe(204);
    const input = { dropId: drop.id, ...ITEM };
    const early = await world.give('cy', 'processSubmission', input, '... on FilesMissing { wanted }');
    expect(early).toMatchObject({ __typename: 'FilesMissing', code: 'FILES_MISSING', wanted: ['VIDEO'] });
    expect((await put(drop.id, 'narrative.mp4', VIDEO)).status).toBe(204);
    const { queued } = await does(
      world,
      'cy',
      'processSubmission',
      input,
      '... on ProcessSubmissionSuccess { queued }',
    );
    expect(queued).toBe(true);
    const { rows } = await world.db.pool.query(
      `SELECT account_id FROM job WHERE kind = 'ingest-submission' AND state = 'QUEUED'`,
    );
    expect(rows).toEqual([{ account_id: world.idOf('cy') }]);
    const { data } = await world.ask(
      'cy',
      'query($id: ID!) { drop(id: $id) { waiting running { stage } items { wanted } } }',
      { id: drop.id },
    );
    expect(data.drop).toEqual({ waiting: 1, running: [], items: [{ wanted: [] }] });
  });

  it('is refused with every fault of its enrolment file', async () => {
    const payload = await opened({ enrolment: enrolment('9101,X,I-III,2,,2020-12-01', '9102,F,I-III,11,,2020-12-01') });
    expect(payload.code).toBe('ENROLMENT_INVALID');
    expect(payload.problems).toMatchObject([
      { line: 2, column: 'sex' },
      { line: 3, column: 'worst_pain' },
    ]);
  });

  it.each([
    ['STUDY_UNKNOWN', { study: 'nowhere' }],
    [
      'DROP_SYNTHETIC',
      {
        study: 'people',
        enrolment: Buffer.from(`${HEADER},synthetic\n9102,F,I-III,2,,2020-12-01,YES\n`).toString('base64'),
      },
    ],
    [
      'ITEM_REPEATED',
      {
        items: [
          { ...ITEM, videoBytes: 0 },
          { ...ITEM, videoBytes: 0 },
        ],
      },
    ],
  ])('is refused with %s', async (code, changes) => {
    expect((await opened(changes)).code).toBe(code);
  });

  it('tells of each submission that cannot be taken', async () => {
    const { drop } = await opened({ items: [{ patient: '9999', timestamp: ITEM.timestamp, videoBytes: 0 }] });
    expect(drop.items).toMatchObject([{ outcome: 'REFUSED', reasonCode: 'PATIENT_UNKNOWN', wanted: [] }]);
  });

  it('is for curators: to others it is refused, to a curator an unknown one is nothing', async () => {
    const { drop } = await opened();
    const query = 'query($id: ID!) { drop(id: $id) { id } }';
    for (const who of ['ada', 'sam', 'adm', null] as const) {
      const { data, errors } = await world.ask(who, query, { id: drop.id });
      expect(data.drop).toBeNull();
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
    expect(await world.ask('cy', query, { id: 'x' })).toEqual({ data: { drop: null } });
    expect(await world.ask('cy', query, { id: '00000000-0000-7000-8000-000000000000' })).toEqual({
      data: { drop: null },
    });
    const unknown = await world.give('cy', 'processSubmission', { dropId: 'x', ...ITEM });
    expect(unknown.code).toBe('ITEM_UNKNOWN');
  });
});

describe('a release', () => {
  const DRAFT = 'release { id version status patients submissions publicationAskedBy { name } }';

  it('is drafted and asked for by a curator, under the id that it has everywhere, and not published by one', async () => {
    const { release } = await does(
      world,
      'cy',
      'draftRelease',
      { version: '2.0.0', notes: 'More.' },
      `... on DraftReleaseSuccess { ${DRAFT} }`,
    );
    expect(release).toMatchObject({ version: '2.0.0', status: 'DRAFT', patients: 3, submissions: 6 });
    const listed = async (who: 'cy' | 'sam' | 'ada') =>
      (await world.ask(who, '{ releases { id version } draftReleases { id version } }')).data;
    expect((await listed('cy')).releases).toContainEqual({ id: release.id, version: '2.0.0' });
    expect((await listed('sam')).draftReleases).toEqual([{ id: release.id, version: '2.0.0' }]);
    expect(await listed('ada')).toMatchObject({ releases: [{ version: '1.0.0' }], draftReleases: null });

    const input = { releaseId: release.id };
    expect(await world.give('sam', 'publishRelease', input)).toMatchObject({ code: 'NOT_ASKED' });
    const asked = await does(world, 'cy', 'askForPublication', input, `... on AskForPublicationSuccess { ${DRAFT} }`);
    expect(asked.release.publicationAskedBy).toEqual({ name: 'Cy Person' });
    expect(await world.give('cy', 'publishRelease', input)).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['VERSION_INVALID', { version: '0.9.0' }],
    ['VERSION_INVALID', { version: 'newest' }],
    ['STUDY_UNKNOWN', { version: '9.0.0', study: 'nowhere' }],
  ])('is refused with %s for %o', async (code, input) => {
    expect(await world.give('cy', 'draftRelease', input)).toMatchObject({ code });
  });

  it('is unknown by an id that is none', async () => {
    for (const [who, name] of [
      ['cy', 'askForPublication'],
      ['sam', 'publishRelease'],
      ['cy', 'checkRelease'],
    ] as const)
      for (const releaseId of ['x', '00000000-0000-7000-8000-000000000000'])
        expect(await world.give(who, name, { releaseId })).toMatchObject({ code: 'RELEASE_UNKNOWN' });
  });
});

describe('quarantine and consent', () => {
  const READ = '{ release(version: "1.0.0") { patients { nodes { code submissions { nodes { id } } } } } }';
  const seen = async (): Promise<Record<string, string[]>> => {
    const { data } = await world.ask('ada', READ);
    const nodes: { code: string; submissions: { nodes: { id: string }[] } }[] = data.release.patients.nodes;
    return Object.fromEntries(nodes.map(({ code, submissions }) => [code, submissions.nodes.map(({ id }) => id)]));
  };
  const QUARANTINE = 'quarantine { id fromSeconds toSeconds reason placedBy { name } liftedAt patient timestamp }';
  const placed = `... on PlaceQuarantineSuccess { ${QUARANTINE} }`;

  beforeAll(async () => {
    await trained(world, 'ada');
    await approved(world, { LABELS: ['READ'], VIDEO: ['READ'] });
  });

  it('a submission is out of sight at once, by the id that somebody sees it under, and back when it is lifted', async () => {
    const before = await seen();
    const node = before['9001']![0]!;
    const { quarantine } = await does(world, 'sam', 'placeQuarantine', { node, reason: 'A name is spoken.' }, placed);
    expect(quarantine).toMatchObject({
      fromSeconds: null,
      reason: 'A name is spoken.',
      placedBy: { name: 'Sam Person' },
      patient: null,
    });
    expect((await seen())['9001']).toEqual(before['9001']!.slice(1));
    const list = async (who: 'cy' | 'ada') => world.ask(who, '{ quarantines { id patient timestamp } }');
    expect((await list('cy')).data.quarantines).toMatchObject([{ id: quarantine.id, patient: '9001' }]);
    expect((await list('ada')).data.quarantines).toBeNull();
    const lifted = await does(
      world,
      'cy',
      'liftQuarantine',
      { id: quarantine.id },
      `... on LiftQuarantineSuccess { ${QUARANTINE} }`,
    );
    expect(lifted.quarantine.liftedAt).toBe(world.clock.at.toISOString());
    expect(await seen()).toEqual(before);
    await does(world, 'cy', 'liftQuarantine', { id: quarantine.id }, '');
    expect((await list('cy')).data.quarantines).toEqual([]);
  });

  it('is answered however many ask at once: none waits for a second connection while it holds one', async () => {
    const which = { patient: '9001', timestamp: '20150101T000000', reason: 'A name is spoken.' };
    const answers = await Promise.all(Array.from({ length: 60 }, () => world.give('cy', 'placeQuarantine', which)));
    expect(answers.filter(({ code }) => code === 'SUBMISSION_UNKNOWN')).toHaveLength(60);
  });

  it('a range of a submission is named by patient and moment', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT to_char(recorded_at, 'YYYYMMDD"T"HH24MISS') AS t FROM submission WHERE id = $1`,
      [world.study.patients[1]!.submissions[0]!.id],
    );
    const which = { patient: '9002', timestamp: rows[0].t, reason: 'A second face.' };
    const { quarantine } = await does(
      world,
      'cy',
      'placeQuarantine',
      { ...which, fromSeconds: 1, toSeconds: 2.5 },
      placed,
    );
    expect(quarantine).toMatchObject({ fromSeconds: 1, toSeconds: 2.5, patient: '9002', timestamp: rows[0].t });
    for (const range of [
      { fromSeconds: 1 },
      { fromSeconds: 2, toSeconds: 1 },
      { fromSeconds: -1, toSeconds: 1 },
      { fromSeconds: 100, toSeconds: 101 },
    ])
      expect(await world.give('cy', 'placeQuarantine', { ...which, ...range })).toMatchObject({
        code: 'RANGE_INVALID',
      });
    expect(await world.give('cy', 'placeQuarantine', { ...which, reason: ' ' })).toMatchObject({
      code: 'REASON_MISSING',
    });
  });

  it('a submission is named by the moment that a release tells of as well, whose days are shifted', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT to_char(rs.recorded_at, 'YYYYMMDD"T"HH24MISS') AS released, to_char(s.recorded_at, 'YYYYMMDD"T"HH24MISS') AS recorded
       FROM release_submission rs JOIN submission s ON s.id = rs.submission_id WHERE s.id = $1`,
      [world.study.patients[2]!.submissions[0]!.id],
    );
    const { released, recorded } = rows[0];
    expect(released).not.toBe(recorded);
    const which = { patient: '9003', timestamp: released, reason: 'A researcher heard a name.' };
    // A steward names it as released: trying recorded moments would tell the shift.
    expect(await world.give('sam', 'placeQuarantine', { ...which, timestamp: recorded })).toMatchObject({
      code: 'SUBMISSION_UNKNOWN',
    });
    const placedBySteward = await does(world, 'sam', 'placeQuarantine', which, placed);
    expect(placedBySteward.quarantine).toMatchObject({ patient: null, timestamp: null });
    await does(world, 'sam', 'liftQuarantine', { id: placedBySteward.quarantine.id }, '');
    const { quarantine } = await does(world, 'cy', 'placeQuarantine', which, placed);
    expect(quarantine).toMatchObject({ patient: '9003', timestamp: recorded });
    await does(world, 'cy', 'liftQuarantine', { id: quarantine.id }, '');
  });

  it.each([
    [{ node: 'x' }],
    [{ patient: '9001' }],
    [{ patient: '9001', timestamp: 'yesterday' }],
    [{ patient: '9001', timestamp: '19990101T000000' }],
    [{}],
  ])('nothing is put into quarantine for %o', async (which) => {
    const payload = await world.give('cy', 'placeQuarantine', { ...which, reason: 'Why not.' });
    expect(payload.code).toBe('SUBMISSION_UNKNOWN');
  });

  it('a quarantine that there is not is not lifted', async () => {
    for (const id of ['x', '00000000-0000-7000-8000-000000000000'])
      expect(await world.give('cy', 'liftQuarantine', { id })).toMatchObject({ code: 'QUARANTINE_UNKNOWN' });
  });

  it('a consent counts from when it is recorded', async () => {
    expect(Object.keys(await seen())).toContain('9003');
    const consent = { patient: '9003', version: '2', uses: ['HMB'], modalities: ['AUDIO_FEATURES'] };
    const done = await does(
      world,
      'cy',
      'recordConsent',
      consent,
      '... on RecordConsentSuccess { consent { patient modalities effectiveAt } }',
    );
    expect(done.consent).toEqual({
      patient: '9003',
      modalities: ['AUDIO_FEATURES'],
      effectiveAt: world.clock.at.toISOString(),
    });
    expect(Object.keys(await seen())).not.toContain('9003');
    await does(world, 'sam', 'recordConsent', { ...consent, modalities: ['LABELS'] }, '');
    expect(Object.keys(await seen())).toContain('9003');
    for (const [code, changes] of [
      ['PATIENT_UNKNOWN', { patient: '0000' }],
      ['USES_UNKNOWN', { uses: ['WHATEVER'] }],
      ['VERSION_MISSING', { version: ' ' }],
    ] as const)
      expect(await world.give('cy', 'recordConsent', { ...consent, ...changes })).toMatchObject({ code });
  });
});
