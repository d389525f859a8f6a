import { useState } from 'react';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  DoAskForPublication,
  DoCancelCheck,
  DoCheckRelease,
  DoDraftRelease,
  DoPublishRelease,
  LiveCheck,
  StewardReleases,
  type StewardReleasesQuery,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { isUnderWay } from '../../parts/words.ts';
import { PublishedRelease } from './published-release.tsx';
import { ReleaseDiff } from './release-diff.tsx';

type Draft = NonNullable<StewardReleasesQuery['draftReleases']>[number];

/** Drafts with their checks, what is published, and the way from one to the other. */
export const ReleasesPage = () => (
  <SignedIn title="Releases">
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
        {({ draftReleases: all }) => {
          const drafts = all?.filter(({ status }) => status === 'DRAFT');
          const published = all?.filter(({ status }) => status !== 'DRAFT') ?? [];
          return (
            <>
              <PartlyRefused problems={query.problems} />
              {drafts?.length === 0 && (
                <Empty title="No draft">
                  <p>A curator makes one of what the pipeline has processed.</p>
                </Empty>
              )}
              {drafts?.map((draft) => (
                <DraftCard key={draft.id} draft={draft} before={published[0]?.version ?? null} reload={reload} />
              ))}
              {all && (
                <p className="portal-buttons">
                  <Act
                    label="Draft a release"
                    title="Draft a release of what the study holds now?"
                    operation={DoDraftRelease}
                    fields={[
                      {
                        name: 'version',
                        label: 'Version',
                        why: 'Semantic: 1.1.0 after 1.0.0 where patients are added.',
                      },
                      { name: 'notes', label: 'Notes', kind: 'text', optional: true },
                    ]}
                    input={({ version, notes }) => ({ version: version ?? '', notes: notes ?? '' })}
                    done={reload}
                  >
                    <p>Nobody but curators and stewards sees a draft.</p>
                  </Act>
                </p>
              )}
              {published.length > 0 && <h2>Published</h2>}
              {published.map((release) => (
                <PublishedRelease key={release.id} release={release} reload={reload} />
              ))}
            </>
          );
        }}
      </Load>
    </Page>
  );
}

function DraftCard({ draft, before, reload }: { draft: Draft; before: string | null; reload: () => void }) {
  const [compared, setCompared] = useState(false);
  const { id, version, patients, submissions, draftedBy, draftedAt, lastCheck, publicationAskedAt } = draft;
  const { allowedCommands, publicationLacks } = draft.standing;
  const running = lastCheck !== null && isUnderWay(lastCheck.state);
  const [progress, setProgress] = useState(lastCheck?.progress ?? null);
  useLive(LiveCheck, running ? { id: lastCheck.id } : null, ({ releaseCheck }) => {
    setProgress(releaseCheck?.progress ?? null);
    if (releaseCheck && !isUnderWay(releaseCheck.state)) reload();
  });
  return (
    <section className="portal-card">
      <h2>
        {version} <span className="portal-quiet">{asWords(draft.status)}</span>
      </h2>
      <p>
        {patients.toLocaleString('en')} patients, {submissions.toLocaleString('en')} submissions; drafted by{' '}
        {draftedBy?.name ?? 'the pipeline'}, <When at={draftedAt} />. {draft.notes}
      </p>
      <p aria-live="polite">{checkText(lastCheck, progress)}</p>
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
        {allowedCommands.includes('checkRelease') && (
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
        )}
        {running && (
          <Act
            label="End the check"
            about={`of ${version}`}
            title={`End the check of ${version}?`}
            operation={DoCancelCheck}
            input={() => ({ id: lastCheck.id })}
            done={reload}
          >
            <p>What it has found so far is not kept. It can be begun anew.</p>
          </Act>
        )}
        {before && (
          <button
            type="button"
            className="usa-button usa-button--outline"
            aria-expanded={compared}
            onClick={() => setCompared(!compared)}
          >
            Compare with {before}
          </button>
        )}
        {allowedCommands.includes('askForPublication') && (
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
        )}
        {allowedCommands.includes('publishRelease') && (
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
              {patients.toLocaleString('en')} patients and {submissions.toLocaleString('en')} submissions become
              readable to everybody whose grant covers them. A published release never changes.
            </p>
          </Act>
        )}
      </div>
      {publicationLacks && <p className="portal-quiet">You cannot publish it now. {publicationLacks}</p>}
      {compared && before && <ReleaseDiff from={before} to={version} />}
    </section>
  );
}

function checkText(check: Draft['lastCheck'], progress: { done: number; total: number | null } | null): string {
  if (!check) return 'Not checked yet.';
  if (check.error) return `The last check failed: ${check.error.message}`;
  if (isUnderWay(check.state))
    return `Being checked: ${progress ? `${progress.done} of ${progress.total}` : asWords(check.state)}.`;
  if (!check.endedAt) return 'The last check was ended before it had a result.';
  return `${check.sound ? 'The last check found nothing wrong' : `The last check found ${check.problemCount ?? 0} problems`}${check.current ? '.' : '; the draft has changed since.'}`;
}
