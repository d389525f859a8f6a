import { Fragment, type ReactNode } from 'react';
import type { Operation } from '../../api/operation.ts';
import {
  DoConfirmDeputySteward,
  DoConfirmGiveRole,
  DoConfirmLoosenPolicy,
  DoConfirmShortenHold,
  DoLiftBar,
} from '../../operations/duties.ts';
import { DoConfirmWithdrawalStep, DoLiftHalt, DoWithdrawStep, type StepFragment } from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { asWords, capital, Empty } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';

type StepInput = { commandId?: string | null | undefined; stepId: string; seen: string };

/** The command that confirms each kind of step. */
const CONFIRM: Readonly<Record<string, Operation<unknown, { input: StepInput }>>> = {
  LIFT_HALT: DoLiftHalt,
  GIVE_ROLE: DoConfirmGiveRole,
  LOOSEN_POLICY: DoConfirmLoosenPolicy,
  SHORTEN_HOLD: DoConfirmShortenHold,
  CONFIRM_WITHDRAWAL: DoConfirmWithdrawalStep,
  LIFT_BAR: DoLiftBar,
  APPOINT_DEPUTY: DoConfirmDeputySteward,
};

const ACTION_TEXT: Readonly<Record<string, string>> = {
  LIFT_HALT: 'Lift a halt',
  GIVE_ROLE: 'Give a role',
  LOOSEN_POLICY: 'Loosen the policy',
  SHORTEN_HOLD: 'Shorten the hold before an erasure',
  CONFIRM_WITHDRAWAL: 'A step of a withdrawal',
  LIFT_BAR: 'Lift a bar',
  APPOINT_DEPUTY: 'Appoint a deputy steward',
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isId = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);

/** What is said of a step, ids last: they are part of what is confirmed, and say nothing to who reads. */
const shownOf = (payload: Readonly<Record<string, unknown>>): (readonly [string, unknown])[] =>
  Object.entries(payload).sort(([, one], [, other]) => Number(isId(one)) - Number(isId(other)));

const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

const shownValue = (value: unknown): ReactNode =>
  typeof value !== 'string' ? (
    String(value ?? '—')
  ) : INSTANT.test(value) ? (
    <When at={value} />
  ) : /^[A-Z][A-Z_]+$/.test(value) ? (
    asWords(value)
  ) : (
    value
  );

/** Everything that will be done, by its names: what is confirmed is exactly this. */
function Payload({ payload }: { payload: unknown }) {
  return (
    <dl className="portal-facts">
      {shownOf(payload as Readonly<Record<string, unknown>>).map(([name, value]) => (
        <Fragment key={name}>
          <dt>
            {capital(name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase())}
            {isId(value) && ' (id)'}
          </dt>
          <dd>
            {typeof value === 'object' && value !== null ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard
              <pre className="portal-json" tabIndex={0}>
                {JSON.stringify(value, null, 1)}
              </pre>
            ) : (
              shownValue(value)
            )}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** Steps that one person asked for and another has to confirm. */
export function Steps({
  steps,
  reload,
  heading: Heading = 'h3',
}: {
  steps: readonly StepFragment[] | null;
  reload: () => void;
  /** Of each, one below what stands above the list. */
  heading?: 'h2' | 'h3';
}) {
  if (!steps?.length) return <Empty title="Nothing waits for a second person" />;
  return (
    <ul className="portal-cards">
      {steps.map(({ id, action, reason, askedBy, askedAt, expiresAt, payload, seenHash, confirmable }) => {
        const operation = CONFIRM[action];
        return (
          <li key={id} className="portal-card">
            <Heading>{ACTION_TEXT[action] ?? asWords(action)}</Heading>
            <p>
              {askedBy?.name} asked, <When at={askedAt} />: {reason}
            </p>
            <p className="portal-quiet">
              Lapses <When at={expiresAt} />
            </p>
            <Payload payload={payload} />
            {confirmable && operation ? (
              <Act
                label="Confirm"
                about={ACTION_TEXT[action] ?? asWords(action)}
                tone="primary"
                title={`Confirm: ${ACTION_TEXT[action] ?? asWords(action)}?`}
                operation={operation}
                input={() => ({ stepId: id, seen: seenHash })}
                done={reload}
                look={reload}
              >
                <p>It takes effect at once, exactly as it is shown here.</p>
              </Act>
            ) : (
              <p>Somebody else has to confirm it.</p>
            )}
            <Act
              label="Take it back"
              about={ACTION_TEXT[action] ?? asWords(action)}
              title={`Take back: ${ACTION_TEXT[action] ?? asWords(action)}?`}
              operation={DoWithdrawStep}
              input={() => ({ id })}
              done={reload}
              look={reload}
            >
              <p>Nothing is done then. It can be asked for again.</p>
            </Act>
          </li>
        );
      })}
    </ul>
  );
}
