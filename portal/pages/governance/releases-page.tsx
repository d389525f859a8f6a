import { useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import {
  DoAddErratum,
  DoAskForPublication,
  DoCheckRelease,
  DoDeprecateRelease,
  DoDraftRelease,
  DoPublishRelease,
  DoRetractRelease,
  StewardDiff,
  StewardReleases,
  type StewardReleasesQuery,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

type Draft = NonNullable<StewardReleasesQuery['draftReleases']>[number];

/** Drafts with their checks, what is published, and the way from one to the other. */
export const ReleasesPage = () => (
  <SignedIn>
    <Releases />
  </SignedIn>
);

function Releases() {
  const query = useQuery(StewardReleases, {});
  const { reload } = query;
  return (
    <Page
      title="Releases"
      lead="A curator drafts, checks and asks for publication; a steward publishes. What was published never changes."
    >
      <Load query={query}>
        {({ releases, draftReleases }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {draftReleases?.length === 0 && <Empty title="No draft" />}
            {draftReleases?.map((draft) => (
              <DraftCard
                key={draft.id}
                draft={draft}
                versions={releases.map(({ version }) => version)}
                reload={reload}
              />
            ))}
            <Act
              label="Draft a release"
              title="Draft a release of what the study holds now?"
              operation={DoDraftRelease}
              fields={[
                { name: 'version', label: 'Version', why: 'Semantic: 1.1.0 after 1.0.0 where patients are added.' },
                { name: 'notes', label: 'Notes', kind: 'text', optional: true },
              ]}
              input={({ version, notes }) => ({ version: version ?? '', notes: notes ?? '' })}
              done={reload}
            >
              <p>Nobody but curators and stewards sees a draft.</p>
            </Act>
            <h2>Published</h2>
            {releases.map(({ id, version, status, statusReason, publishedAt, digest }) => (
              <section key={id} className="portal-card">
                <h3>
                  {version} <span className="portal-quiet">{asWords(status)}</span>
                </h3>
                <p>
                  Published <When at={publishedAt} />
                  {statusReason && <>; {statusReason}</>}
                </p>
                <p className="portal-quiet">State {digest?.slice(0, 16)}…</p>
                <div className="portal-buttons">
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
                  >
                    <p>Everybody reads it, and it is cited with the release.</p>
                  </Act>
                  {status === 'PUBLISHED' && (
                    <Act
                      label="Deprecate"
                      about={version}
                      title={`Deprecate ${version}?`}
                      operation={DoDeprecateRelease}
                      fields={[{ name: 'reason', label: 'Reason', kind: 'text' }]}
                      input={({ reason }) => ({ releaseId: id, reason: reason ?? '' })}
                      done={reload}
                    >
                      <p>It stays readable; people are told to use a newer one.</p>
                    </Act>
                  )}
                  {status !== 'RETRACTED' && (
                    <Act
                      label="Retract"
                      about={version}
                      tone="danger"
                      title={`Retract ${version} for everybody?`}
                      operation={DoRetractRelease}
                      fields={[{ name: 'reason', label: 'Reason', kind: 'text' }]}
                      input={({ reason }) => ({ releaseId: id, reason: reason ?? '' })}
                      done={reload}
                    >
                      <p>Nobody reads it from now on; exports and runs of it end. This is not undone.</p>
                    </Act>
                  )}
                </div>
              </section>
            ))}
          </>
        )}
      </Load>
    </Page>
  );
}

function DraftCard({ draft, versions, reload }: { draft: Draft; versions: readonly string[]; reload: () => void }) {
  const [from, setFrom] = useState<string | null>(null);
  const { id, version, patients, submissions, draftedBy, draftedAt, lastCheck, publicationAskedAt } = draft;
  return (
    <section className="portal-card">
      <h2>
        {version} <span className="portal-quiet">{asWords(draft.status)}</span>
      </h2>
      <p>
        {patients.toLocaleString('en')} patients, {submissions.toLocaleString('en')} submissions; drafted by{' '}
        {draftedBy?.name ?? 'the pipeline'}, <When at={draftedAt} />. {draft.notes}
      </p>
      <p>{checkText(lastCheck)}</p>
      {lastCheck?.problems && lastCheck.problems.length > 0 && (
        <DataTable
          caption="Problems that the check found"
          head={['About', 'Problem']}
          rows={lastCheck.problems.map(({ about, problem }) => [about, problem])}
        />
      )}
      {publicationAskedAt && (
        <p>
          {draft.publicationAskedBy?.name} asked for publication, <When at={publicationAskedAt} />.
        </p>
      )}
      <div className="portal-buttons">
        <Act
          label="Check"
          about={version}
          title={`Check ${version}?`}
          operation={DoCheckRelease}
          input={() => ({ releaseId: id })}
          done={reload}
        >
          <p>
            It is looked whether every file is there and unaltered, and the folds share no patient. Changes nothing.
          </p>
        </Act>
        {versions[0] && (
          <button type="button" className="usa-button usa-button--outline" onClick={() => setFrom(versions[0] ?? null)}>
            Compare with {versions[0]}
          </button>
        )}
        <Act
          label="Ask for publication"
          about={`of ${version}`}
          title={`Ask a steward to publish ${version}?`}
          operation={DoAskForPublication}
          input={() => ({ releaseId: id })}
          done={reload}
        >
          <p>A steward decides. Nothing is published yet.</p>
        </Act>
        <Act
          label="Publish"
          about={version}
          tone="primary"
          title={`Publish ${version}?`}
          operation={DoPublishRelease}
          input={() => ({ releaseId: id })}
          done={reload}
          look={reload}
        >
          <p>
            {patients.toLocaleString('en')} patients and {submissions.toLocaleString('en')} submissions become readable
            to everybody whose grant covers them. A published release never changes.
          </p>
        </Act>
      </div>
      {from && <Diff from={from} to={version} />}
    </section>
  );
}

function checkText(check: Draft['lastCheck']): string {
  if (!check) return 'Not checked yet.';
  if (check.error) return `The last check failed: ${check.error.message}`;
  if (!check.endedAt)
    return `Being checked: ${check.progress ? `${check.progress.done} of ${check.progress.total}` : asWords(check.state)}.`;
  return `${check.sound ? 'The last check found nothing wrong' : `The last check found ${check.problemCount ?? 0} problems`}${check.current ? '.' : '; the draft has changed since.'}`;
}

function Diff({ from, to }: { from: string; to: string }) {
  const query = useQuery(StewardDiff, { from, to });
  return (
    <Load query={query}>
      {({ releaseDiff }) =>
        releaseDiff ? (
          <DataTable
            caption={`From ${from} to ${to}: ${asWords(releaseDiff.step)} step at least`}
            head={['Change', 'How many', 'Which means']}
            rows={releaseDiff.counts.map(({ change, count, does }) => [asWords(change), count, does])}
          />
        ) : (
          <p>The two cannot be compared.</p>
        )
      }
    </Load>
  );
}
