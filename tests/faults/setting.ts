import { join } from 'node:path';
import { pdf, requestForm } from '../e2e/support/give.ts';
import { writeCopy } from './drop.ts';
import { Passing, patiently } from './patience.ts';
import { NAMES, type Name, type Somebody, somebody } from './people.ts';
import type { World } from './world.ts';

export type People = Readonly<Record<Name, Somebody>>;

const UNIVERSITY = '0d000000-0000-4000-8000-000000000001';
const STEWARDSHIP = '0d000000-0000-4000-8000-000000000002';
const OF_UNIVERSITY: readonly Name[] = ['researcher', 'researcher-2', 'signing-official'];
export const REFERENCE = 'R001';

/** What was told to be done, and has to stay so. */
export interface Ledger {
  /** Patients whose drop was told to be processed. */
  patients: string[];
  withdrawn: string[];
  /** Version and digest of what was published. */
  releases: Map<string, string>;
  /** Requests that were granted, and those whose grant was then revoked. */
  granted: string[];
  revoked: string[];
  /** Exports that were pulled whole, with the hash of their manifest. */
  exports: Map<string, string>;
}

/** People with accounts and trainings, three patients, a first release and a grant to export it. */
export async function prepare(world: World, template: string, folder: string): Promise<[People, Ledger]> {
  const people = Object.fromEntries(NAMES.map((name) => [name, somebody(world, name)])) as Record<Name, Somebody>;
  await Promise.all(NAMES.map((name) => people[name].ask('{ viewer { roles } }')));
  for (const id of [UNIVERSITY, STEWARDSHIP])
    await world.owner.query(
      `INSERT INTO institution (id, name, country, standing, created_at) VALUES ($1::uuid, 'Institution ' || $1, 'US', 'VERIFIED', now())`,
      [id],
    );
  await world.owner.query(
    'UPDATE account SET institution_id = CASE WHEN username = ANY($1) THEN $2::uuid ELSE $3::uuid END',
    [OF_UNIVERSITY, UNIVERSITY, STEWARDSHIP],
  );
  await world.owner.query(
    `INSERT INTO official (institution_id, account_id, bound_at) SELECT $1, id, now() FROM account WHERE username = 'signing-official'`,
    [UNIVERSITY],
  );
  const ledger: Ledger = {
    patients: [],
    withdrawn: [],
    releases: new Map(),
    granted: [],
    revoked: [],
    exports: new Map(),
  };
  const first = [REFERENCE, 'R002', 'R003'];
  await writeCopy(template, join(folder, 'first'), first);
  await people.curator.iss('ingest', join(folder, 'first'));
  ledger.patients.push(...first);
  await publish(people, ledger);
  for (const name of ['researcher', 'researcher-2'] as const) await proveTraining(people[name], people.steward);
  const uses = ['READ', 'EXPORT'];
  const { id } = await obtain(people, 'researcher', [
    { modality: 'LABELS', uses },
    { modality: 'PAIN_SCORES', uses },
    { modality: 'AUDIO_FEATURES', uses },
    { modality: 'LANDMARKS', uses },
  ]);
  ledger.granted.push(id);
  return [people, ledger];
}

async function proveTraining(applicant: Somebody, steward: Somebody): Promise<void> {
  const { trainings } = await applicant.ask<{ trainings: { type: string; courses: { key: string }[] }[] }>(
    '{ trainings { type courses { key } } }',
  );
  const completedOn = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
  for (const { type, courses } of trainings) {
    const { sha256 } = await applicant.put('/uploads', new Uint8Array(pdf(type)));
    const about = { type, course: courses[0]!.key, completedOn, credentialId: `faults-${type}`, fileSha256: sha256 };
    const { certificate } = await applicant.give('uploadCertificate', about, 'certificate { id }');
    const { id } = certificate as { id: string };
    await steward.give('verifyCertificate', { id, how: 'ISSUER', seen: sha256 });
  }
}

interface RequestFacts {
  id: string;
  seenHash: string;
  state: string;
  proposal: { termsHash: string } | null;
}

/** From an empty form to a grant, each step by who has to take it. */
export async function obtain(
  people: People,
  applicant: 'researcher' | 'researcher-2',
  items: readonly { modality: string; uses: readonly string[] }[],
): Promise<RequestFacts> {
  const step = async (who: Somebody, mutation: string, input: Record<string, unknown>): Promise<RequestFacts> =>
    (await who.give(mutation, input, 'request { id seenHash state proposal { termsHash } }')).request as RequestFacts;
  const { [applicant]: who, steward, 'steward-2': second, 'signing-official': official } = people;
  const { id: requestId } = await step(who, 'createAccessRequest', {});
  const { seenHash: seen } = await step(who, 'editAccessRequest', { requestId, form: requestForm(items) });
  await step(who, 'signAgreement', { requestId, version: 1, seen });
  await step(who, 'submitAccessRequest', { requestId });
  const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
  await step(official, 'endorseAccessRequest', { requestId, seen, ...attests });
  const endsAt = new Date(Date.now() + 90 * 86_400_000).toISOString();
  const terms = { requestId, seen, items, endsAt, confirmsExport: true };
  const proposed = await step(steward, 'approveAccessRequest', terms);
  if (proposed.state === 'APPROVED') return proposed;
  const { termsHash } = proposed.proposal!;
  return step(second, 'secondApproval', { requestId, seen, termsHash, confirmsExport: true });
}

interface Check {
  state: string;
  problems: { about: string; problem: string }[];
}

/** A check's end. */
const checked = (who: Somebody, id: string): Promise<Check> =>
  patiently('the release is checked', async () => {
    const text = 'query ($id: ID!) { releaseCheck(id: $id) { state problems { about problem } } }';
    const { releaseCheck: now } = await who.ask<{ releaseCheck: Check }>(text, { id });
    if (now.state === 'QUEUED' || now.state === 'RUNNING') throw new Passing(`the check is ${now.state}`);
    return { ...now, problems: now.problems ?? [] };
  });

const RELEASE = 'release { id version digest }';

/** Drafts what the study holds, has it checked and published. A withdrawal meanwhile makes the draft void: then another is made. */
export async function publish(people: People, ledger: Ledger): Promise<void> {
  const { curator, steward } = people;
  const LIST = '{ releases { version } draftReleases { version } }';
  for (let attempt = 1; ; attempt++) {
    try {
      const known = await curator.ask<Record<'releases' | 'draftReleases', { version: string }[]>>(LIST);
      const major = [...known.releases, ...known.draftReleases].map(({ version }) => Number(version.split('.')[0]));
      const version = `${Math.max(0, ...major) + 1}.0.0`;
      const { release } = await curator.give('draftRelease', { version, notes: 'What there is' }, RELEASE);
      const { id, digest } = release as { id: string; digest: string };
      await curator.give('askForPublication', { releaseId: id });
      const { check } = await curator.give('checkRelease', { releaseId: id, checksums: true }, 'check { id }');
      const { problems, state } = await checked(curator, (check as { id: string }).id);
      if (problems.length > 0) throw new Error(problems.map(({ about, problem }) => `${about} ${problem}`).join('; '));
      if (state !== 'SUCCEEDED') throw new Error(`the check ended as ${state}`);
      await steward.give('publishRelease', { releaseId: id });
      ledger.releases.set(version, digest);
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      if (
        !/has withdrawn|VERSION|does not (hold|keep) what|CONTENT_CHANGED|changed since/.test((error as Error).message)
      )
        throw error;
    }
  }
}
