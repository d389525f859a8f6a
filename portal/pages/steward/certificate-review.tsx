import { type CertificateEvidenceFragment, RejectCertificate, VerifyCertificate } from '../../operations/steward.ts';
import { Act } from '../../parts/act.tsx';
import { TRAINING_TEXT } from '../../parts/modalities.ts';
import { SentDocument } from '../../parts/sandboxed-document.tsx';
import { asWords } from '../../parts/states.tsx';
import { Day, LastDay, When } from '../../parts/when.tsx';

export interface Courses {
  readonly type: string;
  readonly courses: readonly { key: string; title: string; url: string }[];
}

/** One certificate: what its owner says of it, the document itself, and the buttons beside it. */
export function CertificateReview({
  certificate,
  trainings,
  reload,
}: {
  certificate: CertificateEvidenceFragment;
  trainings: readonly Courses[];
  reload: () => void;
}) {
  const { id, type, owner, course, completedOn, expiresOn, endsAt, credentialId, uploadedAt, fileSha256 } = certificate;
  const name = TRAINING_TEXT[type] ?? asWords(type);
  const found = trainings.find((training) => training.type === type)?.courses.find(({ key }) => key === course);
  const about = `${name} of ${owner.name}`;
  return (
    <div className="portal-card portal-beside">
      <div>
        <h3>
          {name}, {owner.name}
        </h3>
        <dl className="portal-facts">
          <dt>Institution</dt>
          <dd>{owner.institution ?? '—'}</dd>
          <dt>Course</dt>
          <dd>{found ? <a href={found.url}>{found.title}</a> : course}</dd>
          <dt>Credential</dt>
          <dd>{credentialId || '—'}</dd>
          <dt>Completed</dt>
          <dd>
            <Day on={completedOn} />
          </dd>
          <dt>Says it expires</dt>
          <dd>{expiresOn ? <Day on={expiresOn} /> : 'no day'}</dd>
          <dt>Would count to the end of</dt>
          <dd>
            <LastDay at={endsAt} />
          </dd>
          <dt>Handed in</dt>
          <dd>
            <When at={uploadedAt} />
          </dd>
        </dl>
        <div className="portal-buttons">
          <Act
            label="Verify"
            about={about}
            of={id}
            tone="primary"
            title={`Verify ${about}?`}
            operation={VerifyCertificate}
            fields={[
              {
                name: 'how',
                label: 'How did you check it?',
                why: 'Identifiable data asks that it was looked up at the issuer.',
                options: [
                  ['ISSUER', 'Looked up at its issuer'],
                  ['SEEN', 'The document was seen'],
                ],
              },
            ]}
            input={({ how }) => ({
              id,
              how: how === 'SEEN' ? ('SEEN' as const) : ('ISSUER' as const),
              seen: fileSha256,
            })}
            done={reload}
            look={reload}
          >
            <p>It counts for {owner.name} at once. You verify the very file that is shown here.</p>
          </Act>
          <Act
            label="Reject"
            about={about}
            of={id}
            tone="danger"
            title={`Reject ${about}?`}
            operation={RejectCertificate}
            fields={[{ name: 'reason', label: 'Reason', why: `${owner.name} reads it.`, kind: 'text' }]}
            input={({ reason }) => ({ id, reason: reason ?? '' })}
            done={reload}
            look={reload}
          >
            <p>They can hand in another one.</p>
          </Act>
        </div>
      </div>
      <SentDocument contentType={certificate.contentType} url={certificate.file.url} about={about} reload={reload} />
    </div>
  );
}
