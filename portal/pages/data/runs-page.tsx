import { useId, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useQuery } from '../../api/use-query.ts';
import { RunsPage as RunsOperation, type RunsPageQuery, StartRun } from '../../operations/data.ts';
import { Bars } from '../../parts/bars.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { percent, When } from '../../parts/when.tsx';

type Viewer = NonNullable<RunsPageQuery['viewer']>;

/** One's runs, comparing them, and starting another: the data stays where it is. */
export function RunsPage() {
  return (
    <SignedIn>
      <Runs />
    </SignedIn>
  );
}

function Runs() {
  const query = useQuery(RunsOperation, {});
  return (
    <Page title="Baseline runs" lead="The published models run where the data is; results leave, data does not.">
      <Load query={query}>
        {({ viewer, study }) =>
          viewer && (
            <>
              <Start grants={viewer.grants} experiments={study.experiments} />
              <Compare runs={viewer.runs} />
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Start({
  grants,
  experiments,
}: {
  grants: Viewer['grants'];
  experiments: RunsPageQuery['study']['experiments'];
}) {
  const [experiment, setExperiment] = useState(experiments[0]?.key ?? '');
  const [classes, setClasses] = useState('');
  const [preset, setPreset] = useState('desk');
  const active = grants.filter(({ state }) => state === 'ACTIVE');
  const [grant, setGrant] = useState(active[0]?.id ?? '');
  const start = useCommand(StartRun);
  const navigate = useNavigate();
  const id = useId();
  const chosen = experiments.find(({ key }) => key === experiment);
  return (
    <form
      className="portal-filters"
      aria-label="Start a run"
      onSubmit={async (event) => {
        event.preventDefault();
        const outcome = await start.run({
          ...{ experiment, preset, grant: grant || null },
          classes: classes === '' ? null : Number(classes),
        });
        if (outcome.ok) await navigate(`/runs/${outcome.value.run.id}`);
      }}
    >
      <div>
        <label className="usa-label" htmlFor={`${id}e`}>
          Experiment
        </label>
        <select
          id={`${id}e`}
          className="usa-select"
          value={experiment}
          onChange={({ target }) => {
            setExperiment(target.value);
            setClasses('');
          }}
        >
          {experiments.map(({ key, title }) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label className="usa-label" htmlFor={`${id}c`}>
          Classes
        </label>
        <select
          id={`${id}c`}
          className="usa-select"
          value={classes}
          onChange={({ target }) => setClasses(target.value)}
        >
          <option value="">as published</option>
          {chosen?.classes.map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label className="usa-label" htmlFor={`${id}p`}>
          Preset
        </label>
        <select id={`${id}p`} className="usa-select" value={preset} onChange={({ target }) => setPreset(target.value)}>
          <option value="smoke">smoke: seconds</option>
          <option value="desk">desk: minutes</option>
          <option value="paper">paper: as published</option>
        </select>
      </div>
      {active.length > 1 && (
        <div>
          <label className="usa-label" htmlFor={`${id}g`}>
            Grant
          </label>
          <select id={`${id}g`} className="usa-select" value={grant} onChange={({ target }) => setGrant(target.value)}>
            {active.map((one) => (
              <option key={one.id} value={one.id}>
                {one.items.length} kinds of data
              </option>
            ))}
          </select>
        </div>
      )}
      <button type="submit" className="usa-button" disabled={start.busy}>
        Run it
      </button>
      <RefusalAlert refusal={start.refusal} />
    </form>
  );
}

function Compare({ runs }: { runs: Viewer['runs'] }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (runs.length === 0) return <Empty title="No run yet" />;
  const name = (run: Viewer['runs'][number]) => `${run.experiment}, ${run.classes} classes, seed ${run.seed}`;
  const compared = runs.filter(({ id }) => chosen.includes(id));
  return (
    <>
      <DataTable
        caption="Your runs, the newest first"
        head={['Run', 'State', 'Accuracy', 'Preset', 'Asked for', 'Compare']}
        rows={runs.map((run) => [
          <Link key="run" to={`/runs/${run.id}`}>
            {name(run)}
          </Link>,
          asWords(run.state),
          percent(run.result?.overall),
          run.preset,
          <When key="at" at={run.createdAt} />,
          run.result && (
            <input
              key="compare"
              type="checkbox"
              aria-label={`Compare ${name(run)}`}
              checked={chosen.includes(run.id)}
              onChange={({ target }) =>
                setChosen(target.checked ? [...chosen, run.id] : chosen.filter((one) => one !== run.id))
              }
            />
          ),
        ])}
      />
      {compared.length > 1 && (
        <Bars
          title="Accuracy, mean over patients"
          labelName="Run"
          bars={compared.map((run) => ({
            label: `${run.experiment} · ${run.classes} · ${run.id.slice(-4)}`,
            series: 'accuracy',
            value: run.result?.overall ?? null,
          }))}
        />
      )}
    </>
  );
}
