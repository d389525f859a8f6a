import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved } from '../mutations/steps.ts';
import { type Name, startWorld, type Who, type World } from '../mutations/world.ts';

const SUBMISSIONS = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b'] as const;
const FIELDS =
  'nodes { id day name action kind submission modalities entries bytes } pageInfo { hasNextPage endCursor }';

let world: World;
let grantId: string;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
  grantId = (await approved(world)).grant.id;
  const began = world.clock.at.getTime();
  const day = 86_400_000;
  const take = async (who: Name, kind: string, submission: string, files: number, at: number): Promise<void> => {
    for (let part = 1; part <= files; part++) {
      world.clock.at = new Date(at + part * 1000);
      const entry = { accountId: world.idOf(who), grantId };
      const detail = { kind, submission, modality: kind, part };
      await world.services.audit.write(world.db.database, { ...entry, action: 'DOWNLOAD', detail });
      await world.services.audit.write(world.db.database, {
        ...entry,
        action: 'DOWNLOADED',
        detail: { ...detail, bytes: 100 },
      });
    }
  };
  const midnight = Math.ceil(began / day) * day;
  await take('ada', 'FACES', SUBMISSIONS[0], 40, midnight);
  await take('ada', 'FACES', SUBMISSIONS[1], 30, midnight + 3_600_000);
  await take('ada', 'FRAMES', SUBMISSIONS[1], 5, midnight + 7_200_000);
  await take('ben', 'FACES', SUBMISSIONS[0], 2, midnight + 7_200_500);
  await take('ada', 'FACES', SUBMISSIONS[0], 1, midnight + day);
  world.clock.at = new Date(midnight + day + 7_200_000);
}, 60_000);
afterAll(() => world.stop());

interface Group {
  id: string;
  day: string;
  name: string;
  kind: string | null;
  submission: string | null;
  entries: number;
  bytes: number | null;
}
const said = ({ name, kind, submission, entries, bytes }: Group) =>
  `${name} ${kind} ${submission?.at(-1)} ${entries} files ${bytes} bytes`;

/** Everything, so many groups a page. */
async function groups(who: Who, first: number): Promise<Group[]> {
  const found: Group[] = [];
  for (let after: string | null = null; ; ) {
    const { data, errors } = await world.ask(
      who,
      `query($first: Int, $after: String, $grant: ID) { accessGroups(first: $first, after: $after, grant: $grant) { ${FIELDS} } }`,
      { first, after, grant: grantId },
    );
    if (errors) throw new Error(String(errors[0]?.extensions?.code));
    found.push(...data.accessGroups.nodes);
    if (!data.accessGroups.pageInfo.hasNextPage) return found;
    after = data.accessGroups.pageInfo.endCursor;
  }
}

describe('who saw what', () => {
  it('has one row for the files of a kind that somebody took of a check-in on a day, however it is paged', async () => {
    const all = await groups('aud', 50);
    const files = all.filter(({ kind }) => kind !== null);
    expect(files.map(said)).toEqual([
      'Ada Person FACES a 1 files 100 bytes',
      'Ben Person FACES a 2 files 200 bytes',
      'Ada Person FRAMES b 5 files 500 bytes',
      'Ada Person FACES b 30 files 3000 bytes',
      'Ada Person FACES a 40 files 4000 bytes',
    ]);
    expect(new Set(files.map(({ day }) => day)).size).toBe(2);
    for (const first of [1, 2, 3]) expect(await groups('sam', first)).toEqual(all);
  });

  it('is told to members of their own grant, and each row opens into its entries', async () => {
    const ask = `query($group: ID) { viewer { grants { id accessGroups(first: 50) { ${FIELDS} } accessLog(first: 100, group: $group) { nodes { action } } } } }`;
    const ofGrant = async (group: string | null) => {
      const { data } = await world.ask('ada', ask, { group });
      return data.viewer.grants.find(({ id }: { id: string }) => id === grantId);
    };
    const found = (await ofGrant(null)).accessGroups.nodes.filter(({ kind }: Group) => kind !== null);
    expect(found.map(said)).toEqual((await groups('aud', 50)).filter(({ kind }) => kind !== null).map(said));
    const strip = found[3];
    expect(said(strip)).toContain('b 30 files');
    const opened = (await ofGrant(strip.id)).accessLog.nodes.map(({ action }: { action: string }) => action);
    expect(opened.filter((action: string) => action === 'DOWNLOAD')).toHaveLength(30);
    expect(opened).toHaveLength(60);
    const { data } = await world.ask(
      'aud',
      'query($group: ID) { auditEntries(first: 100, group: $group, filter: { action: ["DOWNLOAD"] }) { nodes { text } } }',
      { group: strip.id },
    );
    expect(data.auditEntries.nodes).toHaveLength(60);
    for (const { text } of data.auditEntries.nodes) expect(JSON.parse(text).submission).toBe(SUBMISSIONS[1]);
  });

  it('opens files that are of no kind without those that are of one', async () => {
    const who = { accountId: world.idOf('ben'), grantId };
    const detail = { export: SUBMISSIONS[0], path: 'labels/patients.parquet' };
    world.clock.at = new Date(world.clock.at.getTime() + 86_400_000);
    await world.services.audit.write(world.db.database, { ...who, action: 'DOWNLOAD', detail });
    const ofKind = { kind: 'FACES', submission: SUBMISSIONS[0], modality: 'FACES', part: 1 };
    await world.services.audit.write(world.db.database, { ...who, action: 'DOWNLOAD', detail: ofKind });
    const [plain] = (await groups('aud', 50)).filter(({ kind, entries }) => kind === null && entries === 1);
    const { data } = await world.ask('aud', 'query($group: ID) { auditEntries(group: $group) { nodes { text } } }', {
      group: plain!.id,
    });
    expect(data.auditEntries.nodes.map(({ text }: { text: string }) => JSON.parse(text).path)).toEqual([detail.path]);
  });

  it('is told to nobody else, and who looked is in the log', async () => {
    for (const who of ['ada', 'olu', 'cy', 'adm', 'nob', null] as const)
      await expect(groups(who, 5)).rejects.toThrow('FORBIDDEN');
    await groups('aud', 50);
    expect((await world.entries('READ_AUDIT_LOG')).at(-1)).toMatchObject({ filter: { grant: grantId } });
    expect((await world.entries('READ_ACCESS_LOG')).at(-1)).toMatchObject({ account: world.idOf('ada') });
    const { errors } = await world.ask('aud', '{ auditEntries(first: 1, group: "nonsense") { nodes { id } } }');
    expect(errors?.[0]?.extensions?.code).toBe('CURSOR_INVALID');
  });
});
