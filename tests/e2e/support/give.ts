import { FORBIDDEN_USES } from '../../../governance/forms.ts';
import type { Person } from './person.ts';

/** Success of a mutation, with whatever was selected of it. */
export type Given = Record<string, unknown> & { __typename: string };

/**
 * Gives a command that has to succeed.
 * @param selection of its success, e.g. `request { id }`
 * @throws with the answer when it does not
 */
export async function give(
  who: Person,
  mutation: string,
  input: Record<string, unknown>,
  selection = '__typename',
): Promise<Given> {
  const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
  const { data, errors } = await who.ask<Record<string, Given>>(
    `mutation ($input: ${name}Input!) { ${mutation}(input: $input) { __typename ... on ExpectedError { code message } ... on ${name}Success { ${selection} } } }`,
    { input },
  );
  const payload = data?.[mutation];
  if (payload?.__typename !== `${name}Success`)
    throw new Error(`${mutation} was not carried out: ${JSON.stringify(payload ?? errors)}`);
  return payload;
}

export interface Gatekeepers {
  official: Person;
  steward: Person;
  second: Person;
}

interface RequestFacts {
  id: string;
  seenHash: string;
  state: string;
  proposal: { termsHash: string } | null;
}

const REQUEST = 'request { id seenHash state proposal { termsHash } }';
/** A small file that counts as a PDF. */
export const pdf = (name: string): Buffer => Buffer.from(`%PDF-1.4\n% ${name}\n1 0 obj\n<<>>\nendobj\n%%EOF\n`);

/** Hands in and has verified a certificate of each kind of training. */
export async function proveTraining(applicant: Person, steward: Person): Promise<void> {
  const { data } = await applicant.ask<{ trainings: { type: string; courses: { key: string }[] }[] }>(
    '{ trainings { type courses { key } } }',
  );
  const completedOn = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
  for (const { type, courses } of data.trainings) {
    const sent = await applicant.fetch('/uploads', { method: 'PUT', body: new Uint8Array(pdf(type)) });
    const { sha256 } = (await sent.json()) as { sha256: string };
    const { certificate } = (await give(
      applicant,
      'uploadCertificate',
      { type, course: courses[0]!.key, completedOn, credentialId: `e2e-${type}`, fileSha256: sha256 },
      'certificate { id }',
    )) as unknown as { certificate: { id: string } };
    await give(steward, 'verifyCertificate', { id: certificate.id, how: 'ISSUER', seen: sha256 });
  }
}

/** A whole form that asks for these. */
export const requestForm = (items: readonly { modality: string; uses: readonly string[] }[]) => ({
  title: 'What the demo shows to somebody new',
  plainSummary: 'A made-up request of the tests, so that the whole way to data is walked once.',
  detail: 'There is no research behind this request: it exists so that every step from an empty form to data is taken.',
  position: 'Invented researcher',
  items: items.map((item) => ({ ...item, why: 'To see that it works.' })),
  securityPlan: 'The synthetic study concerns nobody, so nothing has to be kept safe here.',
  attestsNist800171: true,
  ethicsApproval: { reference: 'E2E-1', documentSha256: '0'.repeat(64) },
  dataUse: ['HMB'],
  durationMonths: 6,
  acceptsForbidden: Object.keys(FORBIDDEN_USES),
});

/** From an empty form to a grant, each step by who has to take it. @returns the request's id */
export async function obtainGrant(
  applicant: Person,
  { official, steward, second }: Gatekeepers,
  access: Record<string, readonly string[]>,
): Promise<string> {
  const step = async (who: Person, mutation: string, input: Record<string, unknown>): Promise<RequestFacts> =>
    (await give(who, mutation, input, REQUEST)).request as RequestFacts;
  const items = Object.entries(access).map(([modality, uses]) => ({ modality, uses }));
  const { id: requestId } = await step(applicant, 'createAccessRequest', {});
  const form = requestForm(items);
  const { seenHash: seen } = await step(applicant, 'editAccessRequest', { requestId, form });
  await step(applicant, 'signAgreement', { requestId, version: 1, seen });
  await step(applicant, 'submitAccessRequest', { requestId });
  const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
  await step(official, 'endorseAccessRequest', { requestId, seen, ...attests });
  const endsAt = new Date(Date.now() + 90 * 86_400_000).toISOString();
  const confirmsExport = true;
  const proposed = await step(steward, 'approveAccessRequest', { requestId, seen, items, endsAt, confirmsExport });
  if (proposed.state !== 'APPROVED')
    await step(second, 'secondApproval', {
      requestId,
      seen,
      termsHash: proposed.proposal!.termsHash,
      confirmsExport,
    });
  return requestId;
}
