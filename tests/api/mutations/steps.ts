import type { RequestForm } from '../../../governance/forms.ts';
import type { Modality } from '../../../governance/modality.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import type { Use } from '../../../governance/use.ts';
import { type Name, type Payload, REQUEST, type World } from './world.ts';

type Access = Partial<Record<Modality, readonly Use[]>>;

export const items = (access: Access) => Object.entries(access).map(([modality, uses]) => ({ modality, uses }));

export const form = (access: Access): RequestForm => ({
  title: 'Pain in the voice of older patients',
  plainSummary: 'We want to learn whether a short recording can tell that somebody is in pain.',
  detail:
    'We train small models on audio features and landmarks and compare them by sex and skin type, over the published folds.',
  position: 'Associate professor',
  items: items(access).map((item) => ({ ...item, why: 'Targets for training.' })) as RequestForm['items'],
  securityPlan: 'Encrypted disks, accounts of our own, no copies beyond the named servers.',
  attestsNist800171: true,
  ethicsApproval: { reference: 'IRB-2025-17', documentSha256: 'a'.repeat(64) },
  dataUse: ['HMB', 'NCU', 'IRB'],
  durationMonths: 12,
  acceptsForbidden: [
    'RE_IDENTIFICATION',
    'SURVEILLANCE',
    'FACIAL_RECOGNITION',
    'EMOTION_DETECTION',
    'RISK_OR_LIABILITY',
  ],
});

/** Gives a command that has to succeed. */
export async function does(
  world: World,
  who: Name,
  mutation: string,
  input: Record<string, unknown>,
  selection?: string,
): Promise<Payload> {
  const success = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Success`;
  const payload = await world.give(who, mutation, input, selection ?? `... on ${success} { ${REQUEST} }`);
  if (payload.__typename !== success) throw new Error(`${who} ${mutation}: ${JSON.stringify(payload)}`);
  return payload;
}

/** A request that ada has written and signed. */
export async function written(world: World, access: Access = { LABELS: ['READ'] }): Promise<Payload['request']> {
  const { request: begun } = await does(world, 'ada', 'createAccessRequest', {});
  const { request } = await does(world, 'ada', 'editAccessRequest', { requestId: begun.id, form: form(access) });
  const signed = await does(world, 'ada', 'signAgreement', { requestId: begun.id, version: 1, seen: request.seenHash });
  return signed.request;
}

/** Sent in and endorsed. */
export async function endorsed(world: World, access: Access = { LABELS: ['READ'] }): Promise<Payload['request']> {
  const { id, seenHash: seen } = await written(world, access);
  await does(world, 'ada', 'submitAccessRequest', { requestId: id });
  const done = await does(world, 'olu', 'endorseAccessRequest', {
    requestId: id,
    seen,
    agreementVersion: 1,
    attestsEmployment: true,
    attestsSeniority: true,
  });
  return done.request;
}

export const ENDS = '2026-03-01T05:00:00.000Z';

/** Approved as asked; by two stewards where it takes two. */
export async function approved(world: World, access: Access = { LABELS: ['READ'] }): Promise<Payload['request']> {
  const { id, seenHash: seen } = await endorsed(world, access);
  const terms = { requestId: id, seen, items: items(access), endsAt: ENDS, confirmsExport: true };
  const { request } = await does(world, 'sue', 'approveAccessRequest', terms);
  if (request.state === 'APPROVED') return request;
  const { termsHash } = request.proposal;
  return (await does(world, 'sam', 'secondApproval', { requestId: id, seen, termsHash, confirmsExport: true })).request;
}

export const PDF = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n');

/** Somebody's training of every kind, handed in and looked up at the issuer by sue. */
export async function trained(world: World, who: Name): Promise<void> {
  const sent = await world.put(who, '/uploads', PDF);
  const { sha256 } = (await sent.json()) as { sha256: string };
  const { data } = await world.ask(null, '{ trainings { type courses { key } } }');
  for (const type of TRAINING_TYPES) {
    const training = data.trainings.find((one: { type: string }) => one.type === type);
    const { certificate } = await does(
      world,
      who,
      'uploadCertificate',
      {
        type,
        course: training.courses[0].key,
        completedOn: '2025-01-10',
        credentialId: `${who}-${type}`,
        fileSha256: sha256,
      },
      '... on UploadCertificateSuccess { certificate { id } }',
    );
    await does(world, 'sue', 'verifyCertificate', { id: certificate.id, how: 'ISSUER', seen: sha256 }, '');
  }
}
