import { useCommand } from '../../api/use-command.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  CertificatesPage as CertificatesOperation,
  type CertificatesPageQuery,
  ReplaceCertificate,
  WithdrawCertificate,
} from '../../operations/researcher.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { FileDrop } from '../../parts/file-drop.tsx';
import { TRAINING_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { Day, LastDay, When } from '../../parts/when.tsx';
import { CertificateUpload } from './certificate-upload.tsx';

type Certificate = NonNullable<CertificatesPageQuery['viewer']>['certificates'][number];

/** One's training certificates: handing in, replacing while they wait, what became of them. */
export function CertificatesPage() {
  return (
    <SignedIn title="Training certificates">
      <Certificates />
    </SignedIn>
  );
}

function Certificates() {
  const query = useQuery(CertificatesOperation, {});
  return (
    <Page
      title="Training certificates"
      lead="Data is open only to people whose trainings are verified and not expired. A steward looks at each certificate."
    >
      <Load query={query}>
        {({ viewer, trainings }) =>
          viewer && (
            <>
              {viewer.certificates.length === 0 && (
                <Empty title="No certificate yet">
                  <p>Each that you hand in below stands here, with whether a steward has verified it.</p>
                </Empty>
              )}
              <ul className="portal-cards">
                {viewer.certificates.map((certificate) => (
                  <Shown key={certificate.id} certificate={certificate} reload={query.reload} />
                ))}
              </ul>
              <CertificateUpload trainings={trainings} done={query.reload} />
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Shown({ certificate, reload }: { certificate: Certificate; reload: () => void }) {
  const replace = useCommand(ReplaceCertificate);
  const withdraw = useCommand(WithdrawCertificate);
  const { id, type, state, completedOn, endsAt, uploadedAt, rejectedFor, verifiedHow, contentType, file } = certificate;
  return (
    <li className="portal-card">
      <h2>{TRAINING_TEXT[type] ?? asWords(type)}</h2>
      <p>
        <strong>{asWords(state)}</strong>
        {verifiedHow && ` (${verifiedHow === 'ISSUER' ? 'looked up at its issuer' : 'seen'})`}
        {rejectedFor && <>: {rejectedFor}</>}
      </p>
      <p className="portal-quiet">
        Completed <Day on={completedOn} />, handed in <When at={uploadedAt} />
        {state === 'VERIFIED' && (
          <>
            , counts to the end of <LastDay at={endsAt} />
          </>
        )}
      </p>
      <p>
        {contentType.startsWith('image/') ? (
          <img className="portal-preview" src={file.url} alt={`Certificate: ${TRAINING_TEXT[type] ?? type}`} />
        ) : (
          <a href={file.url}>Save the file that you handed in</a>
        )}
      </p>
      {state === 'PENDING' && (
        <>
          <FileDrop
            label="The wrong file?"
            why="While it waits you can replace it; it keeps its place."
            onSent={({ sha256 }) => void replace.run({ id, fileSha256: sha256 }).then(({ ok }) => ok && reload())}
          />
          <Confirm
            label="Take it back"
            title="Take this certificate back?"
            onConfirm={() => void withdraw.run({ id }).then(({ ok }) => ok && reload())}
          >
            <p>It no longer waits for a steward. You can hand it in again.</p>
          </Confirm>
        </>
      )}
      <RefusalAlert refusal={replace.refusal ?? withdraw.refusal} />
    </li>
  );
}
