import { createHash } from 'node:crypto';
import type { TrainingType } from '../../../governance/training.ts';
import { does } from '../mutations/steps.ts';
import type { Name, Payload, World } from '../mutations/world.ts';

let number = 0;
/** A whole PDF unlike all others. */
export const aPdf = (text = ''): Buffer => Buffer.from(`%PDF-1.4\n% ${++number} ${text}\n%%EOF\n`);
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const CERTIFICATE = 'certificate { id type state uploadedAt endsAt decidedAt verifiedHow rejectedFor fileSha256 }';

/** Sends a file and hands in a certificate with it. */
export async function handIn(
  world: World,
  who: Name,
  changes: Partial<{ type: TrainingType; completedOn: string; expiresOn: string; file: Buffer }> = {},
): Promise<Payload> {
  const { file = aPdf(), ...claim } = changes;
  await world.put(who, '/uploads', file);
  const { data } = await world.ask(null, '{ trainings { type courses { key } } }');
  const type = claim.type ?? 'HIPAA';
  const course = data.trainings.find((one: { type: string }) => one.type === type).courses[0].key;
  const input = { type, course, completedOn: '2025-01-10', credentialId: 'C-1', fileSha256: sha256(file), ...claim };
  return (await does(world, who, 'uploadCertificate', input, `... on UploadCertificateSuccess { ${CERTIFICATE} }`))
    .certificate;
}

/** Has it verified by sam. */
export async function verify(world: World, certificate: Payload, how: 'SEEN' | 'ISSUER' = 'ISSUER'): Promise<Payload> {
  const input = { id: certificate.id, how, seen: certificate.fileSha256 };
  return (await does(world, 'sam', 'verifyCertificate', input, `... on VerifyCertificateSuccess { ${CERTIFICATE} }`))
    .certificate;
}

/** State of somebody's certificates as they see them, newest first. */
export async function mine(world: World, who: Name): Promise<[string, string][]> {
  const { data } = await world.ask(who, '{ viewer { certificates { id state } } }');
  return data.viewer.certificates.map(({ id, state }: { id: string; state: string }) => [id, state]);
}

/** Messages that wait, as template and receiver. */
export async function outbox(world: World): Promise<{ template: string; to: string; data: Record<string, unknown> }[]> {
  const { rows } = await world.db.pool.query(
    `SELECT o.template, coalesce(a.username, a.subject, o.address) AS "to", o.data FROM outbox o LEFT JOIN account a ON a.id = o.account_id ORDER BY o.queued_at, o.id`,
  );
  return rows;
}
