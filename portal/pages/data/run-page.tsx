import { Alert } from '@trussworks/react-uswds';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import { CancelRun, LiveRun, type LiveRunQuery, RunPage as RunOperation } from '../../operations/data.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Page } from '../../parts/page.tsx';
import { Progress } from '../../parts/progress.tsx';
import { asWords, Empty, Load, PartlyRefused, Reasons, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { isUnderWay } from '../../parts/words.ts';
import { RunResult } from './run-result.tsx';

/** One run: how far it is, and its result beside the published one. */
export function RunPage() {
  const { id = '' } = useParams();
  const query = useQuery(RunOperation, { id });
  const [live, setLive] = useState<LiveRunQuery['run']>(null);
  const run = query.data?.run ?? null;
  useLive(LiveRun, run && isUnderWay(run.state) ? { id } : null, ({ run: now }) => {
    setLive(now);
    if (now && !isUnderWay(now.state)) query.reload();
  });
  const cancel = useCommand(CancelRun);
  return (
    <SignedIn title="Run">
      <Load query={query} lines={8} title="Run">
        {() =>
          run === null ? (
            <Page title="Run">
              <Empty title="There is no such run of yours" />
            </Page>
          ) : (
            <Page title={`${run.experiment}, ${run.classes} classes`}>
              <p>
                <Link to="/runs">All runs</Link> · release {run.release.version} · preset {run.preset} · seed {run.seed}{' '}
                · asked for <When at={run.createdAt} />
              </p>
              {isUnderWay(run.state) && (
                <>
                  <Progress state={live?.state ?? run.state} progress={live?.progress ?? run.progress} />
                  {run.state === 'QUEUED' && run.queue && (live?.state ?? 'QUEUED') === 'QUEUED' && (
                    <p>
                      Place {run.queue.place} of {run.queue.waiting} that wait
                      {run.queue.secondsToStart !== null &&
                        `; it begins in about ${Math.ceil(run.queue.secondsToStart)} s`}
                      .
                    </p>
                  )}
                  <Confirm
                    label="End this run"
                    title="End this run?"
                    onConfirm={() => void cancel.run({ id }).then(({ ok }) => ok && query.reload())}
                  >
                    <p>What it has computed so far is thrown away. You can start it again.</p>
                  </Confirm>
                </>
              )}
              <RefusalAlert refusal={cancel.refusal} />
              {run.error && (
                <Alert validation type="error" headingLevel="h2" heading={`The run was ${asWords(run.state)}`}>
                  <p>{run.error.message}</p>
                  <Reasons reasons={run.error.reasons} />
                </Alert>
              )}
              {run.marked && (
                <Alert type="warning" headingLevel="h2" heading="Do not publish this">
                  Somebody whose data it was made with has withdrawn since. Run it again without them.
                </Alert>
              )}
              <PartlyRefused problems={query.problems} />
              {run.result && <RunResult run={run} result={run.result} />}
            </Page>
          )
        }
      </Load>
    </SignedIn>
  );
}
