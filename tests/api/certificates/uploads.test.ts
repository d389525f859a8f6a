import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { uploadService } from '../../../api/services/access/uploads.ts';
import { does, form } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';
import { aPdf, handIn, sha256 } from './certificate-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());
const started = new Date('2025-03-15T12:00:00Z');
afterEach(async () => {
  await world.db.pool.query('DELETE FROM upload');
});

const send = async (who: Name, body: Buffer | string) => {
  const response = await world.put(who, '/uploads', Buffer.from(body));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const kept = async (who: Name, file: Buffer) => world.base.objects.size(`uploads/${world.idOf(who)}/${sha256(file)}`);
const hours = (n: number) => new Date(started.getTime() + n * 3_600_000);
const stream = async function* (...parts: Uint8Array[]) {
  yield* parts;
};

describe('a file that is sent', () => {
  it('is kept under its hash, for its sender', async () => {
    const file = aPdf();
    expect(await send('ada', file)).toEqual({
      status: 200,
      body: { sha256: sha256(file), bytes: file.length, contentType: 'application/pdf' },
    });
    expect(await kept('ada', file)).toBe(file.length);
    expect((await send('ada', file)).status).toBe(200);
  });

  it.each([
    ['nothing', '', 422, 'EMPTY'],
    ['a page with a script', '<html><script>alert(1)</script></html>', 415, 'TYPE_NOT_ACCEPTED'],
    ['a drawing with a script', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 415, 'TYPE_NOT_ACCEPTED'],
    ['a PDF that was cut off', '%PDF-1.4\n1 0 obj', 415, 'TYPE_NOT_ACCEPTED'],
    ['half a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 415, 'TYPE_NOT_ACCEPTED'],
    ['eleven megabytes', Buffer.alloc(11 * 2 ** 20, '%PDF-'), 413, 'TOO_LARGE'],
  ])('is refused as %s', async (_, body, status, code) => {
    const answer = await send('ada', body).catch(() => null);
    // A server that says no before the body is through may close on its sender.
    if (answer !== null || status !== 413) expect(answer).toMatchObject({ status, body: { code } });
    expect((await world.db.pool.query('SELECT FROM upload')).rowCount).toBe(0);
  });
});

describe('the quota', () => {
  it('bounds what one person leaves lying, and nobody else', async () => {
    for (let i = 0; i < 40; i++) expect((await send('ben', aPdf())).status).toBe(200);
    expect(await send('ben', aPdf())).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });
    expect((await send('eve', aPdf())).status).toBe(200);
  });

  it('bounds bytes too, of many that are sent at once as well', async () => {
    const { database, objects, clock } = world.base;
    const uploads = uploadService({ database, objects, clock, maxBytes: 1000, quotaBytes: 250 });
    const files = [1, 2, 3].map(() => aPdf('x'.repeat(80)));
    const results = await Promise.all(files.map((file) => uploads.receive(world.idOf('ada'), stream(file))));
    expect(results.map((result) => (result.ok ? 'kept' : result.code)).sort()).toEqual([
      'QUOTA_EXCEEDED',
      'kept',
      'kept',
    ]);
  });

  it('bounds those that come in the same moment, whoever is first', async () => {
    const { database, objects, clock } = world.base;
    const uploads = uploadService({ database, objects, clock, maxBytes: 1000, quotaBytes: 150 });
    for (const who of ['ada', 'ben', 'eve', 'olu', 'sam'] as const) {
      const files = [1, 2, 3].map(() => aPdf('x'.repeat(80)));
      const results = await Promise.all(files.map((file) => uploads.receive(world.idOf(who), stream(file))));
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    }
  });

  it('does not count what is used', async () => {
    const { database, objects, clock } = world.base;
    const uploads = uploadService({ database, objects, clock, maxBytes: 1000, quotaBytes: 150 });
    const file = aPdf('x'.repeat(80));
    expect((await uploads.receive(world.idOf('ada'), stream(file))).ok).toBe(true);
    expect((await uploads.receive(world.idOf('ada'), stream(aPdf('x'.repeat(80))))).ok).toBe(false);
    await handIn(world, 'ada', { file });
    expect((await uploads.receive(world.idOf('ada'), stream(aPdf('x'.repeat(80))))).ok).toBe(true);
  });

  it('takes three files at a time of one person', async () => {
    const { database, objects, clock } = world.base;
    const uploads = uploadService({ database, objects, clock, maxBytes: 1000, quotaBytes: 1000 });
    let go = () => {};
    const gate = new Promise<void>((done) => {
      go = done;
    });
    const slow = async function* () {
      await gate;
      yield aPdf();
    };
    const begun = [1, 2, 3].map(() => uploads.receive(world.idOf('ada'), slow()));
    expect(await uploads.receive(world.idOf('ada'), stream(aPdf()))).toMatchObject({ code: 'TOO_MANY_AT_ONCE' });
    expect(await uploads.receive(world.idOf('ben'), stream(aPdf()))).toMatchObject({ ok: true });
    go();
    await Promise.all(begun);
    expect(await uploads.receive(world.idOf('ada'), stream(aPdf()))).toMatchObject({ ok: true });
  });
});

describe('files that nothing names', () => {
  it('are removed after a day; those of certificates and of forms are not', async () => {
    world.clock.at = started;
    const [forgotten, claimed, ethics, withdrawn] = [aPdf(), aPdf(), aPdf(), aPdf()];
    for (const file of [forgotten, ethics]) await send('ada', file);
    await handIn(world, 'ada', { file: claimed });
    const gone = await handIn(world, 'ada', { file: withdrawn, type: 'GLOBAL_PRIVACY' });
    await does(world, 'ada', 'withdrawCertificate', { id: gone.id }, '');
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    const draft = {
      ...form({ LABELS: ['READ'] }),
      ethicsApproval: { reference: 'IRB-1', documentSha256: sha256(ethics) },
    };
    await does(world, 'ada', 'editAccessRequest', { requestId: request.id, form: draft });
    world.clock.at = hours(24);
    expect(await world.services.uploads.removeUnclaimed()).toBe(0);
    world.clock.at = hours(24.01);
    expect(await world.services.uploads.removeUnclaimed()).toBe(2);
    const left = await Promise.all([forgotten, claimed, ethics, withdrawn].map((file) => kept('ada', file)));
    expect(left).toEqual([null, claimed.length, ethics.length, null]);
    expect(await world.services.uploads.removeUnclaimed()).toBe(0);
    world.clock.at = started;
  });

  it('are those too that a form named before it was edited again, unless it was sent in so', async () => {
    world.clock.at = started;
    const [first, second] = [aPdf(), aPdf()];
    for (const file of [first, second]) await send('ada', file);
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    for (const file of [first, second])
      await does(world, 'ada', 'editAccessRequest', {
        requestId: request.id,
        form: { ...form({ LABELS: ['READ'] }), ethicsApproval: { reference: 'IRB-1', documentSha256: sha256(file) } },
      });
    world.clock.at = hours(24.01);
    await world.services.uploads.removeUnclaimed();
    expect(await Promise.all([first, second].map((file) => kept('ada', file)))).toEqual([null, second.length]);
    world.clock.at = started;
  });

  it('sent again in the meantime stay', async () => {
    world.clock.at = started;
    const file = aPdf();
    await send('ada', file);
    world.clock.at = hours(23);
    await send('ada', file);
    world.clock.at = hours(25);
    expect(await world.services.uploads.removeUnclaimed()).toBe(0);
    expect(await kept('ada', file)).toBe(file.length);
    world.clock.at = started;
  });

  it('handed in while they are removed are either kept or asked for again', async () => {
    world.clock.at = started;
    for (let round = 0; round < 10; round++) {
      const file = aPdf();
      world.clock.at = started;
      await send('ben', file);
      world.clock.at = hours(25);
      const { data } = await world.ask(null, '{ trainings { type courses { key } } }');
      const course = data.trainings.find((one: { type: string }) => one.type === 'HIPAA').courses[0].key;
      const claim = { type: 'HIPAA', course, completedOn: '2025-01-10', credentialId: 'x', fileSha256: sha256(file) };
      const [given] = await Promise.all([
        world.give('ben', 'uploadCertificate', claim),
        world.services.uploads.removeUnclaimed(),
      ]);
      expect(given.code ?? 'done').toBe((await kept('ben', file)) === null ? 'FILE_MISSING' : 'done');
    }
    world.clock.at = started;
  });
});
