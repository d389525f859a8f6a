import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import {
  AdminPolicy,
  AdminPolicyPreview,
  type AdminPolicyPreviewQuery,
  DoAskToLoosenPolicy,
  DoTightenPolicy,
} from '../../operations/duties.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { useKeptValues } from '../../parts/use-kept-values.ts';
import { When } from '../../parts/when.tsx';
import { PolicyTable } from './policy-table.tsx';
import { WithdrawalTerms } from './withdrawal-terms.tsx';

type Preview = NonNullable<AdminPolicyPreviewQuery['previewPolicy']>;

/** The policy as it stands, and what another one would do to whom. */
export const PolicyPage = () => (
  <SignedIn title="Policy">
    <Policy />
  </SignedIn>
);

function Policy() {
  const query = useQuery(AdminPolicy, {});
  return (
    <Page title="Policy" lead="What each kind of data asks for. Tightening takes one administrator, loosening two.">
      <Load query={query}>
        {({ policy, policyVersions }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {policy && (
              <>
                <p>
                  Version {policy.number}, in force since <When at={policy.effectiveAt} />
                  {policy.reason && `: ${policy.reason}`}
                </p>
                <PolicyTable policy={policy.policy} />
                <Change key={policy.number} number={policy.number} policy={policy.policy} reload={query.reload} />
              </>
            )}
            <WithdrawalTerms />
            {policyVersions && (
              <DataTable
                caption="Versions, the newest first"
                head={['Version', 'Since', 'By', 'Reason', 'Changed']}
                rows={policyVersions.nodes.map(({ number, effectiveAt, madeBy, reason, changes }) => [
                  number,
                  <When key="at" at={effectiveAt} />,
                  madeBy?.name ?? 'the installation',
                  reason || '—',
                  changes.map(({ path }) => path).join(', ') || '—',
                ])}
              />
            )}
          </>
        )}
      </Load>
    </Page>
  );
}

function Change({ number, policy, reload }: { number: number; policy: unknown; reload: () => void }) {
  const inForce = JSON.stringify(policy, null, 2);
  const [{ text }, keep, sent] = useKeptValues(`policy ${number}`, { text: inForce });
  const [asked, setAsked] = useState<unknown>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const preview = useQuery(AdminPolicyPreview, asked === null ? null : { policy: asked });
  const id = useId();
  const look = (): void => {
    try {
      setAsked(JSON.parse(text));
      setWrong(null);
    } catch (error) {
      setWrong(`This is not JSON: ${(error as Error).message}`);
    }
  };
  return (
    <section>
      <h2>Change it</h2>
      <label className="usa-label" htmlFor={id}>
        The policy, as JSON
      </label>
      <textarea
        id={id}
        className="usa-textarea portal-code"
        spellCheck={false}
        value={text}
        onChange={({ target }) => {
          keep({ text: target.value });
          setAsked(null);
        }}
      />
      {wrong && (
        <p role="alert" className="usa-error-message">
          {wrong}
        </p>
      )}
      <p className="portal-buttons">
        <button type="button" className="usa-button" onClick={look}>
          Show what it would do
        </button>
        {text !== inForce && (
          <button
            type="button"
            className="usa-button usa-button--unstyled"
            onClick={() => {
              sent();
              setAsked(null);
              setWrong(null);
            }}
          >
            Begin again from the policy in force
          </button>
        )}
      </p>
      {asked !== null && (
        <Load query={preview}>
          {({ previewPolicy }) => (
            <>
              <PartlyRefused problems={preview.problems} />
              {previewPolicy && (
                <Shown
                  preview={previewPolicy}
                  policy={asked}
                  reload={() => {
                    sent();
                    setAsked(null);
                    reload();
                  }}
                />
              )}
            </>
          )}
        </Load>
      )}
    </section>
  );
}

const cells = (list: Preview['people'][number]['gains']): string =>
  list.map(({ modality, use }) => `${MODALITY_TEXT[modality].name} ${asWords(use)}`).join(', ') || '—';

function Shown({ preview, policy, reload }: { preview: Preview; policy: unknown; reload: () => void }) {
  const { basedOn, changes, loosens, people, problems, lookedAt, hasNextPage } = preview;
  if (problems.length > 0)
    return (
      <ul className="usa-list">
        {problems.map(({ path, message }) => (
          <li key={path}>
            {path}: {message}
          </li>
        ))}
      </ul>
    );
  if (changes.length === 0) return <p>It would change nothing.</p>;
  const values = [{ name: 'reason', label: 'Reason', kind: 'text' }] as const;
  return (
    <>
      <DataTable
        caption="What would change"
        head={['Where', 'Now', 'Then', 'Loosens']}
        rows={changes.map(({ path, before, after, loosens: looser }) => [
          path,
          JSON.stringify(before),
          JSON.stringify(after),
          looser ? 'yes' : 'no',
        ])}
      />
      <DataTable
        caption={`Who gains and who loses, of ${lookedAt} looked at${hasNextPage ? ' (there are more)' : ''}`}
        head={['Person', 'Gains', 'Loses']}
        rows={
          people.length > 0
            ? people.map(({ person, gains, losses }) => [person?.name ?? '—', cells(gains), cells(losses)])
            : [['Nobody', '—', '—']]
        }
      />
      {loosens ? (
        <Act
          label="Ask to loosen"
          title="Ask for this policy?"
          operation={DoAskToLoosenPolicy}
          fields={values}
          input={({ reason }) => ({ basedOn, policy, reason: reason ?? '' })}
          done={reload}
        >
          <p>It takes effect when another administrator confirms it.</p>
        </Act>
      ) : (
        <Act
          label="Tighten"
          tone="danger"
          title="Put this policy in force?"
          operation={DoTightenPolicy}
          fields={values}
          input={({ reason }) => ({ basedOn, policy, reason: reason ?? '' })}
          done={reload}
        >
          <p>It takes effect at once, for everybody.</p>
        </Act>
      )}
    </>
  );
}
