import {
  DoAddErratum,
  DoDeprecateRelease,
  DoRetractRelease,
  type StewardReleasesQuery,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { asWords } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

type Published = NonNullable<StewardReleasesQuery['draftReleases']>[number];

/** What can still be done to a release that was published: say what is wrong with it, advise against it, end it. */
export function PublishedRelease({ release, reload }: { release: Published; reload: () => void }) {
  const { id, version, status, statusReason, publishedAt, digest, patients, submissions, errata } = release;
  const may = release.standing.allowedCommands;
  const reason = { name: 'reason', label: 'Reason', why: 'Everybody reads it.', kind: 'text' } as const;
  return (
    <section className="portal-card">
      <h3>
        {version} <span className="portal-quiet">{asWords(status)}</span>
      </h3>
      <p>
        {patients.toLocaleString('en')} patients, {submissions.toLocaleString('en')} submissions; published{' '}
        <When at={publishedAt} />
        {statusReason && ` (${statusReason})`}. {errata.length === 1 ? 'One erratum.' : `${errata.length} errata.`}
      </p>
      <p className="portal-quiet">Digest {digest?.slice(0, 16)}…</p>
      <div className="portal-buttons">
        {may.includes('addErratum') && (
          <Act
            label="Add an erratum"
            about={`to ${version}`}
            title={`An erratum to ${version}`}
            operation={DoAddErratum}
            fields={[
              { name: 'concerns', label: 'What it concerns' },
              { name: 'text', label: 'What is wrong, and what is right', kind: 'text' },
            ]}
            input={({ concerns, text }) => ({ releaseId: id, concerns: concerns ?? '', text: text ?? '' })}
            done={reload}
            look={reload}
          >
            <p>Everybody reads it, and it is cited with the release. It is never taken away.</p>
          </Act>
        )}
        {may.includes('deprecateRelease') && (
          <Act
            label="Deprecate"
            about={version}
            title={`Deprecate ${version}?`}
            operation={DoDeprecateRelease}
            fields={[reason]}
            input={(values) => ({ releaseId: id, reason: values.reason ?? '' })}
            done={reload}
            look={reload}
          >
            <p>It stays readable; people are told to use a newer one.</p>
          </Act>
        )}
        {may.includes('retractRelease') && (
          <Act
            label="Retract"
            about={version}
            tone="danger"
            title={`Retract ${version} for everybody?`}
            operation={DoRetractRelease}
            fields={[reason]}
            input={(values) => ({ releaseId: id, reason: values.reason ?? '' })}
            done={reload}
            look={reload}
          >
            <p>Nobody reads it from now on; exports and runs of it end. This is not undone.</p>
          </Act>
        )}
      </div>
    </section>
  );
}
