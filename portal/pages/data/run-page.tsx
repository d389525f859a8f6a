import { Alert } from '@trussworks/react-uswds';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  CancelRun,
  LiveRun,
  type LiveRunQuery,
  RunPage as RunOperation,
  type RunPageQuery,
} from '../../operations/data.ts';
import { Bars } from '../../parts/bars.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Progress } from '../../parts/progress.tsx';
import { asWords, Empty, Load, PartlyRefused, Reasons, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { percent, When } from '../../parts/when.tsx';

type Run = NonNullable<RunPageQuery['run']>;
const OPEN = ['QUEUED', 'RUNNING'];

/** One run: how far it is, and its result beside the published one. */
export function RunPage() {
  const { id = '' } = useParams();
  const query = useQuery(RunOperation, { id });
  const [live, setLive] = useState<LiveRunQuery['run']>(null);
  const run = query.data?.run ?? null;
  useLive(LiveRun, run && OPEN.includes(run.state) ? { id } : null, ({ run: now }) => {
    setLive(now);
    if (now && !OPEN.includes(now.state)) query.reload();
  });
  const cancel = useCommand(CancelRun);
  return (
    <SignedIn>
      <Load query={query} lines={8}>
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
              {OPEN.includes(run.state) && (
                <>
                  <Progress state={live?.state ?? run.state} progress={live?.progress ?? run.progress} />
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
              {run.result && <Result run={run} result={run.result} />}
            </Page>
          )
        }
      </Load>
    </SignedIn>
  );
}

function Result({ run, result }: { run: Run; result: NonNullable<Run['result']> }) {
  const published = run.published;
  const groups = [
    ['Sex', result.bySex],
    ['Skin type', result.bySkinType],
    ['Device', result.byDevice],
  ] as const;
  return (
    <>
      <h2>Result: {percent(result.overall)}</h2>
      <p>
        Mean accuracy over {result.patients} patients, each predicted by the model that never saw them.
        {published && <> Published: {percent(published.overall)}.</>} {run.comparable}
      </p>
      <Bars
        title="Accuracy by class, this run beside the published one"
        labelName="Class"
        bars={[
          { label: 'all patients', series: 'this run', value: result.overall },
          ...(published ? [{ label: 'all patients', series: 'published', value: published.overall }] : []),
          ...(result.byClass ?? []).flatMap(({ class: name, accuracy }) => [
            { label: asWords(name), series: 'this run', value: accuracy },
            ...(published
              ? [
                  {
                    label: asWords(name),
                    series: 'published',
                    value: published.byClass.find((one) => one.class === name)?.accuracy ?? null,
                  },
                ]
              : []),
          ]),
        ]}
      />
      {result.ranges && (
        <Bars
          title="Patients by range of accuracy"
          labelName="Accuracy"
          unit="count"
          bars={result.ranges.map(({ above, upTo, patients }) => ({
            label: `${Math.round(above * 100)}–${Math.round(upTo * 100)} %`,
            series: 'patients',
            value: patients,
          }))}
        />
      )}
      {groups.map(
        ([name, rows]) =>
          rows && (
            <DataTable
              key={name}
              caption={`Accuracy by ${name.toLowerCase()}`}
              head={[name, 'Patients', 'Accuracy']}
              rows={rows.map(({ group, patients, accuracy }) => [group.replace('_', '–'), patients, percent(accuracy)])}
            />
          ),
      )}
      {result.byPatient && (
        <DataTable
          caption="Accuracy by patient"
          head={['Patient', 'Pain level', 'Right', 'Of', 'Accuracy']}
          rows={result.byPatient.map(({ patient, painLevel, correct, rows, accuracy }) => [
            patient,
            asWords(painLevel),
            correct,
            rows,
            percent(accuracy),
          ])}
        />
      )}
    </>
  );
}
