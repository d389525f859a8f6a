import { useQuery } from '../../api/use-query.ts';
import { CuratorJobs, DoRetryJob } from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { asWords, Empty, Load, PartlyRefused } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

/** How much work of each kind waits, and what was given up, to be tried again. */
export function WaitingWork() {
  const query = useQuery(CuratorJobs, {});
  return (
    <Load query={query}>
      {({ jobKinds, failedJobs }) => (
        <>
          <PartlyRefused problems={query.problems} />
          {jobKinds && (
            <DataTable
              caption="Work by kind"
              head={['Kind', 'Waits', 'Since', 'Runs', 'Given up']}
              rows={jobKinds.map(({ kind, queued, waitingSince, running, failed, paused }) => [
                `${asWords(kind)}${paused ? ' (paused)' : ''}`,
                queued,
                <When key="since" at={waitingSince} />,
                running,
                failed,
              ])}
            />
          )}
          {failedJobs?.nodes.length === 0 && <Empty title="Nothing was given up" />}
          {failedJobs && failedJobs.nodes.length > 0 && (
            <DataTable
              caption={`Given up: ${failedJobs.totalCount}`}
              head={['Kind', 'When', 'Tried', 'Why', 'Again']}
              rows={failedJobs.nodes.map(({ id, kind, failedAt, attempts, message }) => [
                asWords(kind),
                <When key="at" at={failedAt} />,
                attempts,
                message,
                <Act
                  key="again"
                  label="Try it again"
                  about={asWords(kind)}
                  title="Try this again?"
                  operation={DoRetryJob}
                  input={() => ({ id })}
                  done={query.reload}
                  look={query.reload}
                >
                  <p>It waits for its turn once more, as it was asked for.</p>
                </Act>,
              ])}
            />
          )}
        </>
      )}
    </Load>
  );
}
