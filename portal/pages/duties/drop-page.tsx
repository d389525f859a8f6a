import { type FormEvent, useId, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import { CuratorDrop, type CuratorDropQuery, CuratorDrops, LiveDrop } from '../../operations/duties.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { Turn } from '../../parts/turn.tsx';
import { When } from '../../parts/when.tsx';

/** How far a drop has come, and why some of it could not be used. */
export const DropPage = () => (
  <SignedIn title="Ingest">
    <Drops />
  </SignedIn>
);

function Drops() {
  const [search, setSearch] = useSearchParams();
  const drop = search.get('drop');
  const query = useQuery(CuratorDrop, drop ? { id: drop } : null);
  const id = useId();
  const find = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const asked = new FormData(event.currentTarget).get('drop');
    if (typeof asked === 'string') setSearch({ drop: asked.trim() });
  };
  return (
    <Page
      title="Ingest"
      lead="A drop is what iss ingest hands in at once. Here is how far each has come, and what could not be used."
    >
      {drop && (
        <Load query={query}>
          {({ drop: found }) => (
            <>
              <PartlyRefused problems={query.problems} />
              {found ? <Shown drop={found} reload={query.reload} /> : <Empty title="There is no such drop" />}
            </>
          )}
        </Load>
      )}
      <AllDrops />
      <form onSubmit={find} key={drop}>
        <label className="usa-label" htmlFor={id}>
          Id of the drop
        </label>
        <p className="portal-why" id={`${id}-why`}>
          If you have it: iss ingest prints it.
        </p>
        <input
          id={id}
          name="drop"
          className="usa-input"
          required
          defaultValue={drop ?? ''}
          autoComplete="off"
          aria-describedby={`${id}-why`}
        />
        <button type="submit" className="usa-button usa-button--outline">
          Show it
        </button>
      </form>
      <p>
        <Link to="/curator/jobs">Work of the pipeline</Link> says what waits, and has what was given up tried again.
      </p>
    </Page>
  );
}

/** All drops, the newest first. */
function AllDrops() {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const query = useQuery(CuratorDrops, { after: trail.at(-1) ?? null });
  return (
    <Load query={query} lines={3}>
      {({ drops }) => (
        <>
          <h2>Drops</h2>
          <PartlyRefused problems={query.problems} />
          {drops?.nodes.length === 0 && <Empty title="No drop was opened yet" />}
          {drops && drops.nodes.length > 0 && (
            <DataTable
              caption={`Drops, the newest first: ${drops.totalCount} in all`}
              head={['Opened', 'By', 'Check-ins', 'Waiting', 'Not used', 'Id']}
              rows={drops.nodes.map(({ id, openedAt, openedBy, submissions, waiting, failed }) => [
                <Link key="drop" to={`/curator?drop=${id}`}>
                  <When at={openedAt} />
                </Link>,
                openedBy?.name ?? 'the program',
                submissions,
                waiting,
                failed,
                <span key="id" className="portal-quiet">
                  {id}
                </span>,
              ])}
            />
          )}
          <Turn trail={trail} turn={setTrail} info={drops?.pageInfo} />
        </>
      )}
    </Load>
  );
}

function Shown({ drop, reload }: { drop: NonNullable<CuratorDropQuery['drop']>; reload: () => void }) {
  const [now, setNow] = useState({ waiting: drop.waiting, running: drop.running });
  useLive(LiveDrop, drop.waiting > 0 ? { id: drop.id } : null, ({ drop: live }) => {
    if (!live) return;
    setNow(live);
    // What ended meanwhile has an outcome: it is read again.
    if (live.waiting !== drop.waiting) reload();
  });
  const unused = drop.items.filter(({ reason }) => reason);
  const outcomes = [...new Set(drop.items.map(({ outcome }) => outcome))];
  return (
    <>
      <p>
        {drop.items.length} check-ins:{' '}
        {outcomes
          .map((one) => `${asWords(one)} ${drop.items.filter(({ outcome }) => outcome === one).length}`)
          .join(', ')}
        ; {now.waiting} wait.
      </p>
      {now.running.map(({ patient, timestamp, stage, done, total }) => (
        <p key={`${patient} ${timestamp}`}>
          {patient} {timestamp}: {stage} <progress value={done} max={total} aria-label={`${patient} ${timestamp}`} />
        </p>
      ))}
      {unused.length === 0 ? (
        <Empty title="Nothing failed" />
      ) : (
        <DataTable
          caption="What could not be used, and why"
          head={['Patient', 'Submission', 'Outcome', 'Reason']}
          rows={unused.map(({ patient, timestamp, outcome, reason }) => [patient, timestamp, asWords(outcome), reason])}
        />
      )}
    </>
  );
}
