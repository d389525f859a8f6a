import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { AgreementEffect, Agreements, type AgreementsQuery, DoPublishAgreement } from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { useKeptValues } from '../../parts/use-kept-values.ts';
import { FirstDay, LastDay, When } from '../../parts/when.tsx';

type Version = AgreementsQuery['agreements'][number];

/** Versions of the data use agreement: how each stands, its text, and a new one with what it would do. */
export const AgreementsPage = () => (
  <SignedIn title="Data use agreement">
    <Versions />
  </SignedIn>
);

function Versions() {
  const query = useQuery(Agreements, {});
  return (
    <Page
      title="Data use agreement"
      lead="Whoever uses data signs it. A version that was published never changes; a new one ends earlier signatures with its grace, unless it is editorial."
    >
      <Load query={query}>
        {({ agreements }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {agreements.length === 0 ? (
              <Empty title="No version yet" />
            ) : (
              <DataTable
                caption="Versions, the newest first"
                head={['Version', 'Stands', 'In force from', 'Grace', 'Earlier signatures end', 'Kind']}
                rows={agreements.map(
                  ({ version, standing, effectiveAt, graceDays, earlierSignaturesEndAt, editorial }) => [
                    version,
                    asWords(standing),
                    <FirstDay key="at" at={effectiveAt} />,
                    `${graceDays} days`,
                    <LastDay key="until" at={earlierSignaturesEndAt} />,
                    editorial ? 'editorial: needs no new signature' : 'has to be signed',
                  ],
                )}
              />
            )}
            {agreements.map(({ version, title, text, sha256, publishedAt }) => (
              <details key={version}>
                <summary>
                  Version {version}: {title}
                </summary>
                <p className="portal-quiet">
                  Published <When at={publishedAt} />. SHA-256 of the text: <code>{sha256}</code>
                </p>
                <p className="portal-text">{text}</p>
              </details>
            ))}
            <NewVersion key={agreements[0]?.version} newest={agreements[0]} reload={query.reload} />
          </>
        )}
      </Load>
    </Page>
  );
}

const today = (): string => new Date().toISOString().slice(0, 10);

function NewVersion({ newest, reload }: { newest: Version | undefined; reload: () => void }) {
  const [kept, keep, sent] = useKeptValues(`agreement after ${newest?.version}`, {
    title: newest?.title ?? '',
    text: newest?.text ?? '',
    effectiveOn: today(),
    graceDays: '',
    editorial: false,
  });
  const [asked, setAsked] = useState(false);
  const { title, text, effectiveOn, graceDays, editorial } = kept;
  const terms = { effectiveOn, editorial, graceDays: graceDays === '' ? null : Number(graceDays) };
  const effect = useQuery(AgreementEffect, asked ? terms : null);
  const id = useId();
  const change = (next: Partial<typeof kept>): void => {
    keep({ ...kept, ...next });
    setAsked(false);
  };
  return (
    <section>
      <h2>A new version</h2>
      <label className="usa-label" htmlFor={`${id}-title`}>
        Title
      </label>
      <input
        id={`${id}-title`}
        className="usa-input"
        value={title}
        onChange={({ target }) => change({ title: target.value })}
      />
      <label className="usa-label" htmlFor={`${id}-text`}>
        Text
      </label>
      <textarea
        id={`${id}-text`}
        className="usa-textarea"
        rows={12}
        value={text}
        onChange={({ target }) => change({ text: target.value })}
      />
      <label className="usa-label" htmlFor={`${id}-from`}>
        First day in force
      </label>
      <input
        id={`${id}-from`}
        className="usa-input"
        type="date"
        value={effectiveOn}
        onChange={({ target }) => change({ effectiveOn: target.value })}
      />
      <label className="usa-label" htmlFor={`${id}-grace`}>
        Days for which earlier signatures still count (the policy’s unless given)
      </label>
      <input
        id={`${id}-grace`}
        className="usa-input"
        type="number"
        min={0}
        value={graceDays}
        onChange={({ target }) => change({ graceDays: target.value })}
      />
      <div className="usa-checkbox">
        <input
          id={`${id}-editorial`}
          className="usa-checkbox__input"
          type="checkbox"
          checked={editorial}
          onChange={({ target }) => change({ editorial: target.checked })}
        />
        <label className="usa-checkbox__label" htmlFor={`${id}-editorial`}>
          Editorial: it says nothing new, and needs no new signature
        </label>
      </div>
      <p className="portal-buttons">
        <button
          type="button"
          className="usa-button usa-button--outline"
          disabled={effectiveOn === ''}
          onClick={() => setAsked(true)}
        >
          Show what it would do
        </button>
      </p>
      {asked && (
        <Load query={effect}>
          {({ agreementPreview: preview }) =>
            preview === null ? (
              <>
                <PartlyRefused problems={effect.problems} />
                <p>That day, or that grace, cannot be.</p>
              </>
            ) : (
              <>
                <p>
                  Version {preview.version} would be in force from <FirstDay at={preview.effectiveAt} />.{' '}
                  {preview.until ? (
                    <>
                      Earlier signatures would end with <LastDay at={preview.until} />, and access with them.
                    </>
                  ) : (
                    'Earlier signatures would stay.'
                  )}
                </p>
                {preview.mustSign.length > 0 && (
                  <DataTable
                    caption={`Who would have to sign: ${preview.mustSign.length}`}
                    head={['Who', 'As', 'Until']}
                    rows={preview.mustSign.map(({ person, as, until }) => [
                      person.name,
                      asWords(as),
                      <LastDay key="until" at={until} />,
                    ])}
                  />
                )}
                <Act
                  label="Publish it"
                  tone="danger"
                  title={`Publish version ${preview.version}?`}
                  operation={DoPublishAgreement}
                  input={() => ({ version: preview.version, title, text, ...terms })}
                  done={() => {
                    sent();
                    reload();
                  }}
                  look={reload}
                >
                  <p>
                    {preview.mustSign.length === 0
                      ? 'Nobody has to sign anew.'
                      : `${preview.mustSign.length} signatures are asked for by mail.`}{' '}
                    It cannot be taken back.
                  </p>
                </Act>
              </>
            )
          }
        </Load>
      )}
    </section>
  );
}
