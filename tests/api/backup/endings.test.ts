import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSED } from '../../../api/http/closed.ts';
import type { AccountActor } from '../../../governance/actor.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { fillStudy, type StudyFixture } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { FACT_CHANGES, type FactChange, type Situation } from '../two-seconds/fact-changes.ts';
import { giveToken, type Headers, readsFilm, readyExport } from '../two-seconds/paths.ts';
import { backUp, journalOf, noteIn, restored } from './backup-world.ts';

interface Person extends Situation {
  headers: Headers;
  film: string;
  exportId: string;
}

let whole: WholeServer;
let study: StudyFixture;
let folder = '';
let file = '';
let base = '';
const people = new Map<string, Person>();
/** What meets one person alone can be replayed together; each of the others has a system of its own. */
const PERSONAL = FACT_CHANGES.filter(({ undo }) => undo === undefined);
const SHARED = FACT_CHANGES.filter(({ undo }) => undo !== undefined);
const BYSTANDER = 'somebody whom nothing concerns';

async function person(name: string): Promise<void> {
  const made = await addResearcher(whole.db.pool, { name, studyId: study.studyId, now: whole.clock.now() });
  const { id: tokenId, headers } = await giveToken(whole, made.accountId, made.grantId);
  const { rows } = await whole.db.pool.query('SELECT institution_id AS id FROM account WHERE id = $1', [
    made.accountId,
  ]);
  const of = { whole, study, person: made, institutionId: rows[0].id, tokenId };
  const actor: AccountActor = { ...made.actor, tokenId, tokenGrantId: made.grantId };
  const exportId = await readyExport(whole, actor);
  const film = await readsFilm(of, headers);
  people.set(name, { ...of, headers, film: film!, exportId });
}

/** Which paths are open to a person on a server, with what they were given before the backup. */
async function openPaths(server: WholeServer, name: string): Promise<string[]> {
  const of = people.get(name)!;
  const { headers, exportId } = of;
  const session = { cookie: await server.session(of.person.accountId), 'iss-grant': of.person.grantId };
  const ticket = of.film.replace(whole.server.url, server.server.url);
  const open: string[] = [];
  for (const [by, as] of Object.entries({ token: headers, session } as Record<string, Headers>)) {
    if ((await readsFilm({ ...of, whole: server }, as)) !== null) open.push(`read by ${by}`);
    if ((await fetch(ticket, { method: 'HEAD', headers: as })).ok) open.push(`ticket by ${by}`);
    const { data } = await server.ask(
      as,
      'query ($id: ID!) { export(id: $id) { files(first: 1) { nodes { file { url } } } } }',
      {
        id: exportId,
      },
    );
    const url: string | undefined = data?.export?.files?.nodes?.[0]?.file?.url;
    if (url && (await fetch(url, { method: 'HEAD', headers: as })).ok) open.push(`export by ${by}`);
  }
  return open;
}
const ALL = [
  'read by token',
  'ticket by token',
  'export by token',
  'read by session',
  'ticket by session',
  'export by session',
];

beforeAll(async () => {
  whole = await startWholeServer({ settings: { ISS_TICKET_SECONDS: '3600', ISS_REQUESTS_PER_MINUTE: '1000000' } });
  study = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 3, submissions: 1, frames: 20 },
  );
  folder = await mkdtemp(join(tmpdir(), 'iss-endings-'));
  file = join(folder, 'world.backup');
  base = join(folder, 'base.jsonl');
  for (const { name } of FACT_CHANGES) await person(name);
  await person(BYSTANDER);
  await noteIn(whole, journalOf(whole), journalOf(whole));
  await backUp(whole, file);
  await noteIn(whole, journalOf(whole), base);
}, 240_000);
afterAll(async () => {
  await whole.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Lets a change happen in the first system, and no other be noted. @returns the journal as it would have been with these changes alone */
async function ended(changes: readonly FactChange[], path: string): Promise<{ path: string; ahead: number }> {
  const trash = join(folder, 'trash.jsonl');
  // The server's own journal takes nothing meanwhile.
  whole.server.pending.add(CLOSED);
  await noteIn(whole, base, trash);
  for (const { change, name } of changes) await change(people.get(name)!);
  await noteIn(whole, base, path);
  const { ahead } = whole.clock;
  for (const { undo, name } of changes) await undo?.(people.get(name)!);
  await noteIn(whole, base, trash);
  whole.server.pending.delete(CLOSED);
  return { path, ahead };
}

describe('what ended after a backup stays ended when it is restored', () => {
  it('on every path, of each person whom an ending meets, and of nobody else', async () => {
    const { path: journal, ahead } = await ended(PERSONAL, join(folder, 'personal.jsonl'));
    const again = await restored(whole, file);
    try {
      const replayed = await again.replay(journal);
      expect(replayed?.replayed).toMatchObject({ data_grant: { nothing: 0 }, account: { nothing: 0 } });
      const server = await again.start(ahead);
      for (const { name, tokenOnly } of PERSONAL)
        expect([name, await openPaths(server, name)]).toEqual([
          name,
          tokenOnly ? ALL.filter((path) => path.endsWith('session')) : [],
        ]);
      expect(await openPaths(server, BYSTANDER)).toEqual(ALL);
    } finally {
      await again.stop();
    }
  }, 240_000);

  it.each(SHARED)('$name', async (change) => {
    const { path: journal, ahead } = await ended([change], join(folder, `${SHARED.indexOf(change)}.jsonl`));
    const again = await restored(whole, file);
    try {
      await again.replay(journal);
      const server = await again.start(ahead);
      const open = await openPaths(server, change.name);
      expect(open).toEqual([]);
    } finally {
      await again.stop();
    }
  }, 240_000);

  it('and without the journal everything would be back: it is the replay that ends it', async () => {
    const again = await restored(whole, file);
    try {
      await again.replay(base);
      const server = await again.start();
      for (const { name } of FACT_CHANGES.filter(({ name }) => !name.includes('only the clock')))
        expect([name, await openPaths(server, name)]).toEqual([name, ALL]);
    } finally {
      await again.stop();
    }
  }, 240_000);
});
