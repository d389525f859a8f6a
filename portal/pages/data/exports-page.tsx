import { useId, useState } from 'react';
import { Link } from 'react-router';
import { useCommand } from '../../api/use-command.ts';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  AskForExport,
  CancelExport,
  ExportsPage as ExportsOperation,
  type ExportsPageQuery,
  LiveExports,
  type Modality,
  type SplitPart,
} from '../../operations/data.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { GrantChoice } from '../../parts/grant-choice.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { Progress } from '../../parts/progress.tsx';
import { asWords, Empty, Load, Reasons, RefusalAlert, SignedIn } from '../../parts/states.tsx';
import { bytesText, When } from '../../parts/when.tsx';
import { isUnderWay } from '../../parts/words.ts';
import { CopiesToDestroy } from './copies-to-destroy.tsx';
import { useFolds } from './use-folds.ts';

type Viewer = NonNullable<ExportsPageQuery['viewer']>;

/** Copies of parts of a release: asking for one, and the one command that pulls it. */
export function ExportsPage() {
  return (
    <SignedIn title="Exports">
      <Exports />
    </SignedIn>
  );
}

function Exports() {
  const query = useQuery(ExportsOperation, {});
  const viewer = query.data?.viewer;
  const open = viewer?.exports.some(({ state }) => isUnderWay(state)) ?? false;
  useLive(LiveExports, open ? {} : null, ({ viewer: now }) => {
    const changed = now?.exports.some(({ id, state, progress }) => {
      const before = viewer?.exports.find((one) => one.id === id);
      return before?.state !== state || before?.progress?.done !== progress?.done;
    });
    if (changed) query.reload();
  });
  return (
    <Page
      title="Exports"
      lead="A copy of part of a release, with checksums and a manifest to cite. What you take away you destroy when the grant ends."
    >
      <Load query={query}>
        {({ destructionDuties }) =>
          viewer && (
            <>
              <CopiesToDestroy duties={destructionDuties ?? []} reload={query.reload} />
              <h2>Ask for an export</h2>
              <Ask viewer={viewer} done={query.reload} />
              <h2>Your exports</h2>
              {viewer.exports.length === 0 && (
                <Empty title="No export yet">
                  <p>Each that you ask for stands here, with how far it is and the command that pulls it.</p>
                </Empty>
              )}
              {viewer.exports.map((one) => (
                <Shown key={one.id} one={one} reload={query.reload} />
              ))}
            </>
          )
        }
      </Load>
    </Page>
  );
}

function Ask({ viewer, done }: { viewer: Viewer; done: () => void }) {
  const ask = useCommand(AskForExport);
  const folds = useFolds();
  const [fold, setFold] = useState('');
  const [part, setPart] = useState<SplitPart>('ALL');
  const id = useId();
  const active = viewer.grants.filter(({ state }) => state === 'ACTIVE');
  const exporting = active.filter(({ items }) => items.some(({ uses }) => uses.includes('EXPORT')));
  const [grantId, setGrant] = useState('');
  const grant = exporting.find(({ id: one }) => one === grantId) ?? exporting[0];
  const offered = grant?.items.filter(({ uses }) => uses.includes('EXPORT')).map(({ modality }) => modality) ?? [];
  const [wanted, setWanted] = useState<readonly Modality[]>(['LABELS']);
  if (!grant)
    return (
      <Empty title={active.length === 0 ? 'You have no grant in force' : 'None of your grants allows an export'}>
        <p>
          {active.length === 0 ? (
            <>
              <Link to="/me">Where you stand</Link> says what is missing.
            </>
          ) : (
            'The applicant of the request can ask for it in an amendment.'
          )}
        </p>
      </Empty>
    );
  return (
    <form
      aria-label="Ask for an export"
      onSubmit={(event) => {
        event.preventDefault();
        void ask
          .run({
            grant: grant.id,
            modalities: wanted.filter((one) => offered.includes(one)),
            part,
            fold: fold === '' ? null : Number(fold),
          })
          .then(({ ok }) => ok && done());
      }}
    >
      <GrantChoice viewer={viewer} grants={exporting} value={grant.id} onChange={setGrant} />
      <fieldset className="usa-fieldset">
        <legend className="usa-legend">Kinds of data that your grant lets you export</legend>
        {offered.map((modality) => (
          <div key={modality} className="usa-checkbox">
            <input
              id={`${id}${modality}`}
              type="checkbox"
              className="usa-checkbox__input"
              checked={wanted.includes(modality)}
              onChange={({ target }) =>
                setWanted(target.checked ? [...wanted, modality] : wanted.filter((one) => one !== modality))
              }
            />
            <label className="usa-checkbox__label" htmlFor={`${id}${modality}`}>
              {MODALITY_TEXT[modality].name}
            </label>
          </div>
        ))}
      </fieldset>
      <div className="portal-filters">
        <div>
          <label className="usa-label" htmlFor={`${id}f`}>
            Fold
          </label>
          <select id={`${id}f`} className="usa-select" value={fold} onChange={({ target }) => setFold(target.value)}>
            <option value="">all patients</option>
            {folds.map((number) => (
              <option key={number} value={number}>
                {number}
              </option>
            ))}
          </select>
        </div>
        <div>
          <label className="usa-label" htmlFor={`${id}p`}>
            Part of the fold
          </label>
          <select
            id={`${id}p`}
            className="usa-select"
            value={part}
            disabled={fold === ''}
            onChange={({ target }) => setPart(target.value as SplitPart)}
          >
            <option value="ALL">all</option>
            <option value="TRAIN">train</option>
            <option value="TEST">test</option>
          </select>
        </div>
      </div>
      <RefusalAlert refusal={ask.refusal} />
      <button type="submit" className="usa-button" disabled={ask.busy}>
        Ask for the export
      </button>
    </form>
  );
}

function Shown({ one, reload }: { one: Viewer['exports'][number]; reload: () => void }) {
  const cancel = useCommand(CancelExport);
  const [copied, setCopied] = useState(false);
  // It names this server: without, the tool would ask one on the reader's own machine.
  const command = `ISS_URL=${location.origin} npx iss pull ${one.id} -o export-${one.id.slice(-6)}`;
  const open = isUnderWay(one.state);
  return (
    <section className="portal-card">
      <h3>
        Release {one.release}
        {one.fold !== null && `, fold ${one.fold}, ${asWords(one.part)}`}: {asWords(one.state)}
      </h3>
      <p className="portal-quiet">
        {one.modalities.map((modality) => MODALITY_TEXT[modality].name).join(', ')} · asked for{' '}
        <When at={one.createdAt} />
      </p>
      {open && (
        <>
          <Progress state={one.state} progress={one.progress} />
          <Confirm
            label="End it"
            title="End the making of this export?"
            onConfirm={() => void cancel.run({ id: one.id }).then(({ ok }) => ok && reload())}
          >
            <p>What is made so far is removed. You can ask again.</p>
          </Confirm>
        </>
      )}
      {one.error && (
        <>
          <p>{one.error.message}</p>
          <Reasons reasons={one.error.reasons} />
        </>
      )}
      {one.state === 'SUCCEEDED' && (
        <>
          <p>
            {one.fileCount} files, {bytesText(one.bytes)}, ready <When at={one.readyAt} />. Run again after a break it
            goes on; a pull is checked against the manifest:
          </p>
          <code className="portal-command">{command}</code>
          <p className="portal-buttons">
            <button
              type="button"
              className="usa-button usa-button--outline"
              onClick={() => void navigator.clipboard.writeText(command).then(() => setCopied(true))}
            >
              Copy the command
            </button>
            <output>{copied && 'Copied.'}</output>
          </p>
          <p className="portal-quiet">SHA-256 of the manifest: {one.manifestSha256}</p>
        </>
      )}
      <RefusalAlert refusal={cancel.refusal} />
    </section>
  );
}
