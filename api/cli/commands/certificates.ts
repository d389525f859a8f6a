import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { wholeCertificateFile } from '../../../governance/certificate-file.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import { openClient } from '../client.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate } from '../mutation.ts';
import { oneOf } from '../options.ts';
import { notSignedIn } from '../session.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';

const CERTIFICATE = z.object({
  id: z.string(),
  type: z.string(),
  course: z.string(),
  state: z.string(),
  endsAt: z.string(),
  verifiedHow: z.string().nullable(),
  rejectedFor: z.string().nullable(),
});
const FIELDS = 'id type course state endsAt verifiedHow rejectedFor';
const TRAINING = z.object({
  type: z.string(),
  title: z.string(),
  courses: z.array(z.object({ key: z.string(), title: z.string(), url: z.string() })),
});
const QUERY = `query Certificates { viewer { certificates { ${FIELDS} } } trainings { type title courses { key title url } } }`;

type Certificate = z.infer<typeof CERTIFICATE>;

/** The one of a kind of training that says most: what counts, and longest; then what waits; then the newest. */
const foremost = (all: readonly Certificate[]): Certificate | undefined => {
  const of = (state: string) => all.filter((one) => one.state === state);
  const longest = of('VERIFIED').sort((one, other) => (one.endsAt < other.endsAt ? 1 : -1))[0];
  return longest ?? of('PENDING')[0] ?? all[0];
};

/** Prints how the person stands with each kind of training, and every certificate. @throws CommandFailed */
export async function certificates(io: Io, options: { courses?: true; json?: true }): Promise<void> {
  const client = openClient(io);
  const shape = z.object({
    viewer: z.object({ certificates: z.array(CERTIFICATE) }).nullable(),
    trainings: z.array(TRAINING),
  });
  const { viewer, trainings } = await client.graphql(QUERY, {}, shape);
  if (!viewer) throw notSignedIn(client.server);
  if (options.json) return printJson(io, { certificates: viewer.certificates, trainings });
  const rows = trainings.map(({ type }) => {
    const one = foremost(viewer.certificates.filter((certificate) => certificate.type === type));
    const cells = one
      ? [one.state, one.endsAt.slice(0, 10), one.verifiedHow ?? '', one.rejectedFor ?? '', one.id]
      : ['MISSING'];
    return [type, ...cells];
  });
  const titles = ['training', 'standing', 'ends', 'verified', 'why rejected', 'certificate'];
  io.print(
    table(
      titles.map((title) => ({ title })),
      rows,
    ),
  );
  if (!options.courses) return;
  io.print('');
  io.print(
    table(
      ['training', 'course', 'title', 'address'].map((title) => ({ title })),
      trainings.flatMap(({ type, courses }) => courses.map(({ key, title, url }) => [type, key, title, url])),
    ),
  );
}

/** Sends a file and hands in a certificate with it. @throws CommandFailed */
export async function upload(
  io: Io,
  path: string,
  options: { type: string; course: string; completed: string; expires?: string; credential: string; json?: true },
): Promise<void> {
  const type = oneOf('--type', options.type.toUpperCase(), TRAINING_TYPES);
  for (const [name, day] of Object.entries({ '--completed': options.completed, '--expires': options.expires }))
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day))
      throw wrongUsage(`${name} takes a day as YYYY-MM-DD, not "${safe(day)}".`);
  const file = await readFile(path);
  if (wholeCertificateFile(file) === null)
    throw new CommandFailed(`${safe(path)} is no complete PDF, PNG or JPEG.`, { code: 'TYPE_NOT_ACCEPTED' });
  const client = openClient(io);
  const sent = await client.send('/uploads', { method: 'PUT', body: new Uint8Array(file), signal: io.signal });
  const answer = z.object({ sha256: z.string() }).safeParse(await sent.json().catch(() => null));
  if (!sent.ok || !answer.success)
    throw new CommandFailed(`${client.server} did not take ${safe(path)} (${sent.status}).`, {
      code: 'UPLOAD_REFUSED',
    });
  const { certificate } = await mutate(
    client,
    {
      name: 'uploadCertificate',
      success: `... on UploadCertificateSuccess { certificate { ${FIELDS} } }`,
      shape: z.object({ certificate: CERTIFICATE }),
    },
    {
      type,
      course: options.course,
      completedOn: options.completed,
      expiresOn: options.expires ?? null,
      credentialId: options.credential,
      fileSha256: answer.data.sha256,
    },
  );
  if (options.json) printJson(io, certificate);
  else
    io.print(
      `Certificate ${safe(certificate.id)} waits for a steward; it would count to ${safe(certificate.endsAt.slice(0, 10))}.`,
    );
}
