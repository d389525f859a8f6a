import type { CertificateEvidenceFragment } from '../../operations/steward.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { TRAINING_TEXT } from '../../parts/modalities.ts';
import { asWords } from '../../parts/states.tsx';
import { LastDay, When } from '../../parts/when.tsx';
import { CertificateReview, type Courses } from './certificate-review.tsx';

const HOW: Readonly<Record<string, string>> = { ISSUER: 'looked up at its issuer', SEEN: 'the document was seen' };

/** The trainings of everybody on a request: those that wait with their documents and buttons, the others as a table. */
export function TeamCertificates({
  certificates,
  trainings,
  reload,
}: {
  certificates: readonly CertificateEvidenceFragment[] | null;
  trainings: readonly Courses[];
  reload: () => void;
}) {
  const waiting = certificates?.filter(({ state }) => state === 'PENDING') ?? [];
  const decided = certificates?.filter(({ state }) => state !== 'PENDING') ?? [];
  return (
    <section>
      <h2>Certificates</h2>
      {certificates === null && <p>Certificates are not shown to you.</p>}
      {certificates?.length === 0 && <p>Nobody on this request has handed in a certificate.</p>}
      {decided.length > 0 && (
        <DataTable
          caption="Certificates of the team that were decided"
          head={['Training', 'Whose', 'State', 'Counts until', 'Document']}
          rows={decided.map(({ type, owner, state, verifiedHow, rejectedFor, decidedAt, endsAt, file }) => [
            TRAINING_TEXT[type] ?? asWords(type),
            owner.name,
            <span key="state">
              {asWords(state)}
              {verifiedHow && ` (${HOW[verifiedHow] ?? asWords(verifiedHow)})`}
              {rejectedFor && `: ${rejectedFor}`}, <When at={decidedAt} />
            </span>,
            state === 'VERIFIED' ? <LastDay key="until" at={endsAt} /> : '—',
            <a key="file" href={file.url} target="_blank" rel="noreferrer">
              Open
              <span className="usa-sr-only">
                {' '}
                {TRAINING_TEXT[type] ?? asWords(type)} of {owner.name}
              </span>
            </a>,
          ])}
        />
      )}
      {waiting.map((certificate) => (
        <CertificateReview key={certificate.id} certificate={certificate} trainings={trainings} reload={reload} />
      ))}
    </section>
  );
}
