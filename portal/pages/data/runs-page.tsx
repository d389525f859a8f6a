import { useId, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useQuery } from '../../api/use-query.ts';
import { RunsPage as RunsOperation, type RunsPageQuery, StartRun } from '../../operations/data.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { GrantChoice } from '../../parts/grant-choice.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { percent, When } from '../../parts/when.tsx';
import { CompareRuns, MOST_COMPARED } from './compare-runs.tsx';

type Viewer = NonNullable<RunsPageQuery['viewer']>;

/** One's runs, comparing them, and starting another: the data stays where it is. */
export function RunsPage() {
  return (
    <SignedIn title="Baseline runs">
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
              <Start viewer={viewer} experiments={study.experiments} />
              <Compare runs={viewer.runs} />
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Start({ viewer, experiments }: { viewer: Viewer; experiments: RunsPageQuery['study']['experiments'] }) {
  const [experiment, setExperiment] = useState(experiments[0]?.key ?? '');
  const [classes, setClasses] = useState('');
  const [preset, setPreset] = useState('desk');
  const active = viewer.grants.filter(({ state }) => state === 'ACTIVE');
  const [grant, setGrant] = useState(active[0]?.id ?? '');
  const start = useCommand(StartRun);
  const navigate = useNavigate();
  const id = useId();
  const chosen = experiments.find(({ key }) => key === experiment);
  if (active.length === 0)
    return (
      <Empty title="You have no grant in force">
        <p>
          A run needs one that lets it read the data of the experiment. <Link to="/me">Where you stand</Link> says what
          is missing.
        </p>
      </Empty>
    );
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
              {count === 2 ? '2: no pain or pain' : `${count}: none, low, moderate or severe`}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label className="usa-label" htmlFor={`${id}p`}>
          Preset
        </label>
        <select id={`${id}p`} className="usa-select" value={preset} onChange={({ target }) => setPreset(target.value)}>
          <option value="smoke">smoke: seconds, only to see that it works</option>
          <option value="desk">desk: minutes, on part of the frames</option>
          <option value="paper">paper: as published; networks need a GPU</option>
        </select>
      </div>
      <GrantChoice viewer={viewer} grants={active} value={grant} onChange={setGrant} />
      {chosen && (
        <p className="portal-wide portal-quiet">
          It reads {chosen.modalities.map((modality) => MODALITY_TEXT[modality].name.toLowerCase()).join(', ')}; you
          need “run” for each, and see none of it.
        </p>
      )}
      <p className="portal-wide">
        <button type="submit" className="usa-button" disabled={start.busy}>
          Run it
        </button>
      </p>
      <RefusalAlert refusal={start.refusal} />
    </form>
  );
}

function Compare({ runs }: { runs: Viewer['runs'] }) {
  const [search, setSearch] = useSearchParams();
  if (runs.length === 0)
    return (
      <Empty title="No run yet">
        <p>Each stands here with its state and its result. Two to four that are done can be compared.</p>
      </Empty>
    );
  const name = (run: Viewer['runs'][number]) => `${run.experiment}, ${run.classes} classes, seed ${run.seed}`;
  // In the address, so that a comparison can be kept and shared with the team.
  const chosen = (search.get('compare') ?? '').split(',').filter((id) => runs.some((run) => run.id === id));
  const choose = (id: string, on: boolean) => {
    const next = on ? [...chosen, id] : chosen.filter((one) => one !== id);
    setSearch(next.length === 0 ? {} : { compare: next.join(',') }, { replace: true, preventScrollReset: true });
  };
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
          run.result ? (
            <input
              key="compare"
              type="checkbox"
              aria-label={`Compare ${name(run)}`}
              checked={chosen.includes(run.id)}
              disabled={!chosen.includes(run.id) && chosen.length >= MOST_COMPARED}
              onChange={({ target }) => choose(run.id, target.checked)}
            />
          ) : (
            '—'
          ),
        ])}
      />
      {chosen.length === 1 && <p>Choose one more to compare it with.</p>}
      {chosen.length > 1 && <CompareRuns ids={chosen.slice(0, MOST_COMPARED)} />}
    </>
  );
}
