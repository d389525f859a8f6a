import { useQuery } from '../../api/use-query.ts';
import type { WithdrawalKind, WithdrawalReason, WithdrawalStep } from '../../operations/governance.ts';
import {
  DoAskWithdrawalStep,
  DoRecordWithdrawal,
  StewardWithdrawals,
  type StewardWithdrawalsQuery,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, capital, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { TermsText } from '../duties/withdrawal-terms.tsx';
import { Steps } from './steps.tsx';

/** What is left to do, and whose turn it is, as a steward says it. */
const REMAINING_TEXT: Readonly<Record<string, string>> = {
  NOTICES: 'Tell the holders of copies to destroy them',
  ATTESTATIONS: 'Holders say that their copies are destroyed',
  NEXT_RELEASE: 'Publish the next release, without the patient',
  ERASURE_ORDER: 'Order the erasure',
  HOLD: 'The protocol’s wait before the erasure',
  ERASURE: 'Erase everything of the patient',
};
const TURN_TEXT: Readonly<Record<string, string>> = {
  STEWARD: 'a steward asks for it below',
  SECOND_STEWARD: 'another steward confirms it',
  HOLDERS: 'the holders',
  CURATOR: 'a curator has it checked and asks for its publication',
  SYSTEM: 'the server does it by itself',
  CLOCK: 'nobody: it passes',
};
const KIND_TEXT: Readonly<Record<WithdrawalKind, string>> = {
  STOP_SHARING: 'sharing ends',
  STOP_COLLECTION: 'collection ends',
  ERASE: 'everything is to be erased',
};
const REASON_TEXT: Readonly<Record<string, string>> = {
  PATIENT: 'the patient asked',
  GUARDIAN: 'their guardian asked',
  OF_AGE: 'they came of age and did not consent anew',
  ETHICS: 'the ethics board asked',
  CONSENT_INVALID: 'the consent was not valid',
};

type Withdrawal = NonNullable<StewardWithdrawalsQuery['withdrawals']>[number];

const STEP_TEXT: Readonly<Record<WithdrawalStep, string>> = {
  NOTICES: 'Tell the holders to destroy their copies',
  ERASURE: 'Erase everything after the hold',
  TAKE_BACK: 'Take the withdrawal back: it was recorded by mistake',
};

/** Patients who left, and what remains to be done about each. */
export const WithdrawalsPage = () => (
  <SignedIn title="Withdrawals">
    <Withdrawals />
  </SignedIn>
);

function Withdrawals() {
  const query = useQuery(StewardWithdrawals, {});
  const { reload } = query;
  return (
    <Page title="Withdrawals" lead="Sharing stops within the same moment. What remains after it is listed for each.">
      <Load query={query}>
        {({ withdrawals, withdrawalTerms, pendingSteps }) => (
          <>
            <PartlyRefused problems={query.problems} />
            {withdrawalTerms && <TermsText terms={withdrawalTerms} />}
            <Act
              label="Record a withdrawal"
              tone="danger"
              title="Record a withdrawal?"
              action="Record it"
              operation={DoRecordWithdrawal}
              fields={[
                {
                  name: 'patient',
                  label: 'Code of the patient',
                  why: 'The study’s own code, such as 9004, as it stands in the drop.',
                },
                {
                  name: 'kind',
                  label: 'What ends',
                  options: [
                    ['STOP_SHARING', 'Sharing: nobody sees the patient any more'],
                    ['STOP_COLLECTION', 'Collection: nothing new; what is released stays'],
                    ['ERASE', 'Everything: sharing now, erasure after the hold'],
                  ],
                },
                {
                  name: 'reason',
                  label: 'Why',
                  options: [
                    ['PATIENT', 'The patient asked'],
                    ['GUARDIAN', 'Their guardian asked'],
                    ['OF_AGE', 'They came of age and did not consent anew'],
                    ['ETHICS', 'The ethics board asked'],
                    ['CONSENT_INVALID', 'The consent was not valid'],
                  ],
                },
              ]}
              input={({ patient, kind, reason }) => ({
                patient: patient ?? '',
                kind: kind as WithdrawalKind,
                reason: reason as WithdrawalReason,
              })}
              done={reload}
            >
              <p>
                Unless only collection stops, the patient vanishes from every query, download and export at once, and
                exports and runs with them end. Telling holders and erasing take a second steward.
              </p>
            </Act>
            <h2>Waiting for a second steward</h2>
            <Steps
              steps={pendingSteps?.filter(({ action }) => action === 'CONFIRM_WITHDRAWAL') ?? null}
              reload={reload}
            />
            <h2>Recorded</h2>
            {withdrawals?.length === 0 && <Empty title="No patient has withdrawn" />}
            {withdrawals?.map((withdrawal) => (
              <Shown key={withdrawal.id} withdrawal={withdrawal} reload={reload} />
            ))}
          </>
        )}
      </Load>
    </Page>
  );
}

function Shown({ withdrawal, reload }: { withdrawal: Withdrawal; reload: () => void }) {
  const { id, patient, kind, stage, recordedAt, reason, remaining, duties, draftVersion, draftProblem, eraseAfter } =
    withdrawal;
  const { allowedSteps } = withdrawal;
  return (
    <section className="portal-card">
      <h3>
        Patient {patient}: {KIND_TEXT[kind]}
      </h3>
      <p>
        {stage !== 'RECORDED' && <strong>{capital(stage)}. </strong>}
        Recorded <When at={recordedAt} />: {REASON_TEXT[reason] ?? asWords(reason)}
        {draftVersion && <>; {draftVersion} is drafted without them</>}
        {draftProblem && <>; the next release could not be drafted: {draftProblem}</>}
        {eraseAfter && (
          <>
            ; may be erased after <When at={eraseAfter} />
          </>
        )}
      </p>
      <h4>What remains to be done</h4>
      {remaining.length === 0 ? (
        <p>Nothing.</p>
      ) : (
        <ul className="usa-list">
          {remaining.map(({ what, count, until, waitsFor }) => (
            <li key={what}>
              {REMAINING_TEXT[what] ?? capital(what)}
              {count > 1 && ` (${count})`}.{' '}
              <span className="portal-next">Next: {TURN_TEXT[waitsFor] ?? asWords(waitsFor)}.</span>
              {until && (
                <>
                  {' '}
                  Until <When at={until} />.
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {duties.length > 0 && (
        <DataTable
          caption="Holders of copies, who have to destroy them and say so"
          head={['Holder', 'State', 'Until', 'Downloads']}
          rows={duties.map(({ holder, state, dueAt, downloads }) => [
            holder?.name ?? '—',
            asWords(state),
            <When key="due" at={dueAt} />,
            downloads ?? '—',
          ])}
        />
      )}
      {allowedSteps.length > 0 && (
        <Act
          label="Ask for the next step"
          about={`for patient ${patient}`}
          title="Ask another steward for a step?"
          operation={DoAskWithdrawalStep}
          fields={[
            {
              name: 'step',
              label: 'Step',
              options: allowedSteps.map((step) => [step, STEP_TEXT[step]] as const),
            },
            { name: 'reason', label: 'Reason', kind: 'text' },
          ]}
          input={({ step, reason: why }) => ({ id, step: step as WithdrawalStep, reason: why ?? '' })}
          done={reload}
          look={reload}
        >
          <p>Nothing happens until another steward confirms it.</p>
        </Act>
      )}
    </section>
  );
}
