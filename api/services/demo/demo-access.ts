import type { AccountActor } from '../../../governance/actor.ts';
import { addMonths, localDate } from '../../../governance/calendar.ts';
import { FORBIDDEN_USES, type ForbiddenUse, type RequestForm } from '../../../governance/forms.ts';
import { CLASS_OF, MODALITIES, type Modality } from '../../../governance/modality.ts';
import type { RequestCommand } from '../../../governance/request/commands.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { termsHash } from '../../../governance/request/terms.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import type { Use } from '../../../governance/use.ts';
import { type RealmUser, readRealm } from '../../adapters/identity/realm.ts';
import type { Foundation } from '../../compose.ts';
import type { Services } from '../../services.ts';
import { accountOf } from './demo-accounts.ts';
import { demoCertificate } from './demo-certificate.ts';

/** What the demo's researchers may do; researcher-2 has nothing yet, so that each step can be tried. */
const GRANTS: readonly { username: string; access: Partial<Record<Modality, readonly Use[]>> }[] = [
  {
    username: 'researcher',
    access: accessTo((modality) => (CLASS_OF[modality] === 'identifiable' ? [] : ['READ', 'RUN', 'EXPORT'])),
  },
  { username: 'researcher-3', access: accessTo(() => ['READ', 'RUN', 'EXPORT']) },
  {
    username: 'researcher-4',
    access: accessTo((modality) =>
      modality === 'FACES' ? ['RUN'] : ['LABELS', 'PAIN_SCORES', 'BASELINES'].includes(modality) ? ['READ', 'RUN'] : [],
    ),
  },
];

function accessTo(uses: (modality: Modality) => Use[]): Partial<Record<Modality, Use[]>> {
  return Object.fromEntries(
    MODALITIES.map((modality) => [modality, uses(modality)] as const).filter(([, granted]) => granted.length > 0),
  );
}

/**
 * Gives the demo's researchers their access through the same commands that everybody's goes through: certificates handed in and verified, requests
 * written, signed, endorsed, proposed and seconded. Done once; what stands is left.
 */
export async function seedDemoAccess(base: Foundation, services: Services, publicUrl: string): Promise<void> {
  const realm = await readRealm({ demo: true, publicUrl });
  const people = new Map<string, string>();
  for (const user of realm.users)
    if (user.username) people.set(user.username, await accountOf(base, user as RealmUser));
  for (const { username, access } of GRANTS) {
    const applicant = people.get(username)!;
    const { rows } = await base.database.query(
      'SELECT 1 FROM data_grant g JOIN grant_member m ON m.grant_id = g.id WHERE m.account_id = $1',
      [applicant],
    );
    if (rows.length === 0) await openGate(base, services, people, applicant, username, access);
  }
}

async function openGate(
  base: Foundation,
  services: Services,
  people: Map<string, string>,
  applicant: string,
  username: string,
  access: Partial<Record<Modality, readonly Use[]>>,
): Promise<void> {
  const [steward, second, official] = [
    people.get('steward')!,
    people.get('steward-2')!,
    people.get('signing-official')!,
  ];
  await proveTraining(base, services, applicant, steward, username);
  const created = await services.requests.create(applicant, 'demo');
  if (!created.ok) throw new Error(`the demo's request could not be made: ${created.code}`);
  const id = created.state.id;
  const give = async (by: string, command: Exclude<RequestCommand, { type: 'create' }>) => {
    const done = await services.requests.command(by, id, command);
    if (!done.ok) throw new Error(`the demo's request stopped at ${command.type}: ${done.code} ${done.subject ?? ''}`);
    return done.state;
  };
  const edited = await give(applicant, { type: 'edit', form: demoForm(username, access) });
  const seen = seenHash(edited);
  await give(applicant, { type: 'signAgreement', version: 1, seen });
  await give(applicant, { type: 'submit' });
  await give(official, { type: 'endorse', seen, agreementVersion: 1, attestsEmployment: true, attestsSeniority: true });
  const start = base.clock.now();
  const end = new Date(`${addMonths(localDate(start, 'UTC'), 11)}T00:00:00Z`);
  const terms = { access, conditions: 'For trying the demo only.', start: start.toISOString(), end: end.toISOString() };
  const confirmsExport = MODALITIES.some(
    (modality) => CLASS_OF[modality] === 'identifiable' && access[modality]?.includes('EXPORT'),
  );
  const proposed = await give(steward, { type: 'propose', seen, terms, confirmsExport });
  if (proposed.status === 'SUBMITTED')
    await give(second, { type: 'second', seen, termsHash: termsHash(terms), confirmsExport });
}

async function proveTraining(
  base: Foundation,
  services: Services,
  applicant: string,
  steward: string,
  username: string,
): Promise<void> {
  const today = localDate(base.clock.now(), 'UTC');
  const policy = (await services.policy()).training;
  for (const type of TRAINING_TYPES) {
    const file = demoCertificate(username, policy[type].title);
    const sent = await services.uploads.receive(
      applicant,
      (async function* () {
        yield file;
      })(),
    );
    if (!sent.ok) throw new Error(`the demo's certificate was not taken: ${sent.code}`);
    const handedIn = await services.certificates.upload(applicant, {
      trainingType: type,
      course: policy[type].courses[0]!.key,
      completedOn: addMonths(today, -1),
      expiresOn: null,
      credentialId: `DEMO-${username}-${type}`,
      fileSha256: sent.sha256,
    });
    if (!handedIn.ok) throw new Error(`the demo's certificate was refused: ${handedIn.message}`);
    const verified = await services.certificates.verify(steward, handedIn.certificate.id, 'ISSUER', sent.sha256);
    if (!verified.ok) throw new Error(`the demo's certificate was not verified: ${verified.message}`);
  }
}

function demoForm(username: string, access: Partial<Record<Modality, readonly Use[]>>): RequestForm {
  return {
    title: `Trying the portal as ${username}`,
    plainSummary:
      'A made-up request of the demo, so that there is a grant with which the synthetic study can be read, exported and run on.',
    detail:
      'There is no research behind this request. It exists so that somebody who looks at the product for the first time can ask questions of the synthetic study at once, and see how a grant comes about by reading its events.',
    position: 'Invented researcher',
    items: Object.entries(access).map(([modality, uses]) => ({
      modality: modality as Modality,
      uses: [...(uses ?? [])],
      why: 'To show what the portal does with it.',
    })),
    securityPlan:
      'The synthetic study concerns nobody, so nothing has to be kept safe; a real plan would say where copies lie and who reaches them.',
    attestsNist800171: true,
    ethicsApproval: { reference: 'DEMO-0000', documentSha256: '0'.repeat(64) },
    dataUse: ['HMB'],
    durationMonths: 12,
    acceptsForbidden: Object.keys(FORBIDDEN_USES) as ForbiddenUse[],
  };
}

/** Acts as one of the demo's accounts. */
export async function demoActor(base: Foundation, username: string, publicUrl: string): Promise<AccountActor> {
  const realm = await readRealm({ demo: true, publicUrl });
  const user = realm.users.find((one) => one.username === username);
  if (!user) throw new Error(`the demo's realm has no ${username}`);
  return { kind: 'account', accountId: await accountOf(base, user as RealmUser) };
}
