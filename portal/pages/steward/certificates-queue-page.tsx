import { useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { CertificatesQueue } from '../../operations/steward.ts';
import { TRAINING_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { waited } from './ago.ts';
import { CertificateReview } from './certificate-review.tsx';

/** Certificates that wait, the longest waiting first, each with its document. */
export const CertificatesQueuePage = () => (
  <SignedIn title="Certificates to verify">
    <Queue />
  </SignedIn>
);

function Queue() {
  const [after, setAfter] = useState<string | null>(null);
  const query = useQuery(CertificatesQueue, { after });
  return (
    <Page
      title="Certificates to verify"
      lead="The longest waiting first. Look at the document, look it up where the issuer lets you, then verify or reject it."
    >
      <Load query={query}>
        {({ certificateTotals, certificateQueue, trainings }) => (
          <>
            <PartlyRefused problems={query.problems} />
            <h2>Waiting: {certificateQueue?.totalCount ?? 0}</h2>
            <ul className="usa-list">
              {certificateTotals?.map(({ type, waiting, oldestAt }) => (
                <li key={type}>
                  {TRAINING_TEXT[type] ?? asWords(type)}: {waiting}, the oldest for {waited(oldestAt)}
                </li>
              ))}
            </ul>
            {certificateQueue?.nodes.length === 0 && (
              <Empty title="No certificate waits">
                <p>A certificate appears here when somebody hands it in.</p>
              </Empty>
            )}
            {certificateQueue?.nodes.map((certificate) => (
              <CertificateReview
                key={certificate.id}
                certificate={certificate}
                trainings={trainings}
                reload={query.reload}
              />
            ))}
            {certificateQueue?.pageInfo.hasNextPage && (
              <button
                type="button"
                className="usa-button usa-button--outline"
                onClick={() => setAfter(certificateQueue.pageInfo.endCursor ?? null)}
              >
                Next page
              </button>
            )}
          </>
        )}
      </Load>
    </Page>
  );
}
