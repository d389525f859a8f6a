import { Link } from 'react-router';
import type { EvidenceFragment, StewardRequestQuery } from '../../operations/steward.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { SentDocument } from '../../parts/sandboxed-document.tsx';
import { asWords, Empty } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

type Request = EvidenceFragment;
type Others = NonNullable<StewardRequestQuery['accessRequest']>['otherRequests'];

/** The form that is decided upon: of an amendment under way, or of the request. */
export const decidedForm = (request: Request) => request.amendment?.form ?? request.form;
export const decidedProposal = (request: Request) =>
  request.amendment ? request.amendment.proposal : request.proposal;

/** Everybody who would hold the data. */
export const peopleOf = (request: Request) => {
  const { collaborators } = request.amendment ?? request;
  return [request.applicant, ...collaborators.flatMap(({ person }) => (person ? [person] : []))];
};

/** Who signed what, whether the official endorsed, and whether both still hold. */
export function Signatures({ request }: { request: Request }) {
  const { signatures, endorsement } = request.amendment ?? request;
  return (
    <section>
      <h2>Signatures and endorsement</h2>
      {signatures.length === 0 ? (
        <Empty title="Nobody has signed yet" />
      ) : (
        <DataTable
          caption="Signatures of the data use agreement"
          head={['Who', 'As', 'Version', 'Signed', 'Holds']}
          rows={signatures.map(({ by, as, version, signedAt, current }) => [
            by.name,
            asWords(as),
            version,
            <When key="at" at={signedAt} />,
            current ? 'yes' : 'no: the text or the request has changed since',
          ])}
        />
      )}
      <p>
        {endorsement ? (
          <>
            Endorsed by <strong>{endorsement.by.name}</strong>, <When at={endorsement.at} />
            {endorsement.current ? '.' : '; it no longer holds, because the request has changed since.'}
          </>
        ) : (
          'Not endorsed yet.'
        )}
      </p>
    </section>
  );
}

/** Everybody who is on the request or invited to it. */
export function People({ request }: { request: Request }) {
  const { collaborators } = request.amendment ?? request;
  const { applicant, institution } = request;
  return (
    <section>
      <h2>Who asks</h2>
      <DataTable
        caption="The team of the request"
        head={['Who', 'As', 'Institution', 'Address']}
        rows={[
          [applicant.name, 'applicant', applicant.institution ?? institution.name, applicant.email],
          ...collaborators.map(({ person, email }) => [
            person?.name ?? email,
            person ? 'collaborator' : 'invited, has not come yet',
            person?.institution ?? '—',
            email,
          ]),
        ]}
      />
    </section>
  );
}

/** What stewards and the team have written about it. */
export function Comments({ request: { comments } }: { request: Request }) {
  if (comments.length === 0) return null;
  return (
    <section>
      <h2>Comments</h2>
      <ul className="portal-log">
        {comments.map(({ at, text, by, to }) => (
          <li key={`${at}${by.id}`}>
            <strong>{by.name}</strong>, {to === 'APPLICANT' ? 'to the team' : 'to the stewards'}, <When at={at} />
            <p className="portal-text">{text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the same people have asked for beside it. */
export function EarlierRequests({ others: { nodes, totalCount } }: { others: Others }) {
  return (
    <section>
      <h2>Other requests of the same people</h2>
      {nodes.length === 0 ? (
        <p>None that was sent in.</p>
      ) : (
        <>
          <DataTable
            caption={`Other requests of the applicant and the collaborators: ${totalCount}`}
            head={['Request', 'Applicant', 'State', 'Sent in']}
            rows={nodes.map(({ id, title, applicant, state, submittedAt }) => [
              <Link key="title" to={`/steward/requests/${id}`}>
                {title || 'Untitled request'}
              </Link>,
              applicant.name,
              asWords(state),
              <When key="at" at={submittedAt} />,
            ])}
          />
          {totalCount > nodes.length && <p>The newest {nodes.length} of them are shown.</p>}
        </>
      )}
    </section>
  );
}

type Ethics = NonNullable<StewardRequestQuery['accessRequest']>['ethicsDocument'];

/** The approval of the ethics board, with its document. */
export function EthicsApproval({
  request,
  document,
  reload,
}: {
  request: Request;
  document: Ethics;
  reload: () => void;
}) {
  const approval = decidedForm(request).ethicsApproval;
  return (
    <section>
      <h2>Ethics approval</h2>
      <p>{approval ? `Reference ${approval.reference}` : 'The form names none.'}</p>
      {document &&
        (document.contentType && document.file ? (
          <SentDocument
            contentType={document.contentType}
            url={document.file.url}
            about="ethics approval"
            reload={reload}
          />
        ) : (
          <p>
            Its file is not kept here. The form names one with the SHA-256 <code>{document.sha256}</code>; ask the
            applicant to send it in.
          </p>
        ))}
    </section>
  );
}
