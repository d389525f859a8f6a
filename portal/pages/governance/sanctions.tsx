import { send } from '../../api/client.ts';
import {
  DoAskToLiftBar,
  DoImposeSanction,
  DoLiftSanction,
  PeopleByName,
  type SanctionKind,
} from '../../operations/governance.ts';
import { Act } from '../../parts/act.tsx';
import { asWords, capital, Empty } from '../../parts/states.tsx';
import { LastDay, useEndOfDay, When } from '../../parts/when.tsx';
import { type Choices, institutionChoices, peopleChoices, type Safety } from './safety-choices.ts';

/** In the place of an id; an empty one would be no choice where it is the only one. */
const OTHER = 'OTHER';

const peopleCalled = async (name: string) => {
  const { data } = await send(PeopleByName, { name });
  if (!data?.peopleByName) throw new Error('nobody was told');
  return data.peopleByName.map(
    (one) => [one.id, one.institution ? `${one.name}, ${one.institution}` : one.name] as const,
  );
};

/** Warnings, suspensions and bars of people and institutions. */
export function Sanctions({
  sanctions,
  choices,
  reload,
}: {
  sanctions: Safety['sanctions'];
  choices: Choices;
  reload: () => void;
}) {
  const endOfDay = useEndOfDay();
  const reason = { name: 'reason', label: 'Reason', why: 'Whoever it concerns reads it.', kind: 'text' } as const;
  return (
    <section>
      <h2>Sanctions</h2>
      {sanctions.length === 0 && <Empty title="Nobody is sanctioned" />}
      {sanctions.map(
        ({ id, kind, person, institution, reason: why, startsAt, endsAt, liftedAt, liftReason, imposedBy }) => (
          <div key={id} className="portal-card">
            <h3>
              {capital(kind)}: {person?.name ?? institution}
            </h3>
            <p className="portal-text">
              {imposedBy?.name}, <When at={startsAt} />: {why}
              {endsAt && (
                <>
                  {' '}
                  To the end of <LastDay at={endsAt} />.
                </>
              )}
            </p>
            {liftedAt ? (
              <p>
                Lifted <When at={liftedAt} />: {liftReason}
              </p>
            ) : kind === 'BAR' ? (
              <Act
                label="Ask to lift the bar"
                about={`of ${person?.name ?? institution}`}
                of={id}
                title="Ask to lift this bar?"
                operation={DoAskToLiftBar}
                fields={[{ ...reason, why: 'Who confirms it reads it.' }]}
                input={(values) => ({ id, reason: values.reason ?? '' })}
                done={reload}
                look={reload}
              >
                <p>Another steward without a conflict has to confirm it.</p>
              </Act>
            ) : (
              kind === 'SUSPEND' && (
                <Act
                  label="Lift"
                  about={`${asWords(kind)} of ${person?.name ?? institution}`}
                  of={id}
                  title="Lift this suspension?"
                  operation={DoLiftSanction}
                  fields={[reason]}
                  input={(values) => ({ id, reason: values.reason ?? '' })}
                  done={reload}
                  look={reload}
                >
                  <p>Whoever it concerns has access again at once, as far as their grants go.</p>
                </Act>
              )
            )}
          </div>
        ),
      )}
      <p className="portal-buttons">
        <Act
          label="Impose a sanction"
          tone="danger"
          title="Impose a sanction at once?"
          action="Impose it"
          operation={DoImposeSanction}
          fields={[
            {
              name: 'kind',
              label: 'What',
              options: [
                ['WARN', 'Warn: it is recorded, and shuts nobody out'],
                ['SUSPEND', 'Suspend: no access until a day'],
                ['BAR', 'Bar: no access until two stewards lift it'],
              ],
            },
            {
              name: 'until',
              label: 'Until the end of',
              kind: 'date',
              when: ({ kind }) => kind === 'SUSPEND',
            },
            {
              name: 'of',
              label: 'On whom',
              options: [
                ['PERSON', 'A person'],
                ['INSTITUTION', 'An institution and everybody in it'],
              ],
            },
            {
              name: 'accountId',
              label: 'Which person',
              why: 'People of a grant that lives, or somebody else.',
              options: [...peopleChoices(choices), [OTHER, 'Somebody else, by their name']],
              when: ({ of }) => of === 'PERSON',
            },
            {
              name: 'otherId',
              label: 'Whom of those found',
              find: peopleCalled,
              when: ({ of, accountId }) => of === 'PERSON' && accountId === OTHER,
            },
            {
              name: 'institutionId',
              label: 'Which institution',
              options: institutionChoices(choices),
              when: ({ of }) => of === 'INSTITUTION',
            },
            reason,
          ]}
          input={({ kind, until, accountId, otherId, institutionId, reason: why }) => ({
            kind: kind as SanctionKind,
            ...(until && { until: endOfDay(until) }),
            ...(accountId && { accountId: accountId === OTHER ? (otherId ?? '') : accountId }),
            ...(institutionId && { institutionId }),
            reason: why ?? '',
          })}
          done={reload}
          look={reload}
        >
          <p>They are told by mail. A suspension or a bar ends their access within the same moment.</p>
        </Act>
      </p>
    </section>
  );
}
