import { Fragment, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import {
  CuratorWork,
  type CuratorWorkQuery,
  DoLimitJobs,
  DoPauseJobs,
  DoResumeJobs,
  DoRetryJob,
} from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

/** The work of the pipeline: every kind of it and how it stands, and what was given up. */
export const JobsPage = () => (
  <SignedIn title="Work of the pipeline">
    <Jobs />
  </SignedIn>
);

type Kind = NonNullable<CuratorWorkQuery['jobKinds']>[number];
type Failed = NonNullable<CuratorWorkQuery['failedJobs']>['nodes'][number];

function Jobs() {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const query = useQuery(CuratorWork, { after: trail.at(-1) ?? null });
  return (
    <Page
      title="Work of the pipeline"
      lead="What fails is tried again, later each time. What was given up stands below until a curator has it done once more."
    >
      <Load query={query}>
        {({ jobKinds, failedJobs }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {jobKinds && <Kinds kinds={jobKinds} reload={query.reload} />}
            {failedJobs && (
              <>
                <h2>Given up</h2>
                {failedJobs.nodes.length === 0 ? (
                  <Empty title="Nothing was given up" />
                ) : (
                  <GivenUp jobs={failedJobs.nodes} total={failedJobs.totalCount} reload={query.reload} />
                )}
                {trail.length > 0 && (
                  <button
                    type="button"
                    className="usa-button usa-button--outline"
                    onClick={() => setTrail(trail.slice(0, -1))}
                  >
                    Newer
                  </button>
                )}
                {failedJobs.pageInfo.hasNextPage && (
                  <button
                    type="button"
                    className="usa-button usa-button--outline"
                    onClick={() => setTrail([...trail, failedJobs.pageInfo.endCursor ?? ''])}
                  >
                    Older
                  </button>
                )}
              </>
            )}
          </>
        )}
      </Load>
    </Page>
  );
}

const KIND_TEXT: Readonly<Record<string, string>> = {
  'ingest-submission': 'Makes data of a video that was handed in.',
  'run-baseline': 'Reruns a baseline.',
  export: 'Makes an export.',
  'clear-exports': 'Removes files of exports that have ended.',
  'check-release': 'Proves what a draft promises.',
  'draft-without': 'Drafts the next release without who has withdrawn.',
  'remind-holder': 'Reminds holders of copies to destroy.',
  'erase-patient': 'Destroys everything of a patient.',
  'send-mail': 'Sends mail.',
  'seal-older': 'Encrypts files that were stored before files had keys.',
  'clear-unsealed': 'Removes the unencrypted copies of files that are encrypted by now.',
};

const Kinds = ({ kinds, reload }: { kinds: readonly Kind[]; reload: () => void }) => (
  <DataTable
    caption="Kinds of work"
    head={['Kind', 'Waiting', 'Since', 'Running', 'Given up', 'Held', 'Change']}
    rows={kinds.map((one) => [
      <Fragment key="kind">
        {one.kind}
        {KIND_TEXT[one.kind] && <span className="portal-quiet portal-under">{KIND_TEXT[one.kind]}</span>}
      </Fragment>,
      one.queued,
      <When key="since" at={one.waitingSince} />,
      one.running,
      one.failed,
      [one.paused && 'paused', one.atOnce !== null && `${one.atOnce} at once`].filter(Boolean).join(', ') || 'no',
      <Hold key="hold" kind={one} reload={reload} />,
    ])}
  />
);

const Hold = ({ kind: { kind, allowedSteps, atOnce }, reload }: { kind: Kind; reload: () => void }) => (
  <div className="portal-buttons">
    {allowedSteps.length === 0 && 'This was promised to a patient: it is neither paused nor limited.'}
    {allowedSteps.includes('RESUME') && (
      <Act
        label="Resume"
        about={kind}
        title={`Let ${kind} begin again?`}
        operation={DoResumeJobs}
        input={() => ({ kind })}
        done={reload}
      />
    )}
    {allowedSteps.includes('PAUSE') && (
      <Act
        label="Pause"
        about={kind}
        title={`Pause ${kind}?`}
        operation={DoPauseJobs}
        input={() => ({ kind })}
        done={reload}
      >
        <p>What runs goes on; what waits, and what is asked for from now on, waits until it is resumed.</p>
      </Act>
    )}
    {allowedSteps.includes('LIMIT') && (
      <Act
        label="Limit"
        about={kind}
        title={`How many of ${kind} may run at once?`}
        operation={DoLimitJobs}
        fields={[
          {
            ...{ name: 'atOnce', label: 'At once', kind: 'number', optional: true, value: atOnce?.toString() ?? '' },
            why: 'From 1 to 64, over all workers; empty for as many as there are workers.',
          },
        ]}
        input={(values) => ({ kind, atOnce: values.atOnce ? Number(values.atOnce) : null })}
        done={reload}
      />
    )}
  </div>
);

const GivenUp = ({ jobs, total, reload }: { jobs: readonly Failed[]; total: number; reload: () => void }) => (
  <DataTable
    caption={`What was given up, the newest first: ${total} in all`}
    head={['Job', 'Kind', 'Given up', 'Attempts', 'Why', 'Again']}
    rows={jobs.map((one) => [
      one.id,
      one.kind,
      <When key="at" at={one.failedAt} />,
      one.attempts,
      `${one.code}: ${one.message}`,
      <Act
        key="retry"
        label="Do it again"
        about={`${one.kind} ${one.id}`}
        title="Have it done once more?"
        operation={DoRetryJob}
        input={() => ({ id: one.id })}
        done={reload}
      >
        <p>It waits again, with all its attempts. Whether it may be done is asked anew.</p>
      </Act>,
    ])}
  />
);
