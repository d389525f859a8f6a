import type { EvidenceFragment, StewardRequestQuery } from '../../operations/steward.ts';
import { MODALITY_TEXT, USE_TEXT } from '../../parts/modalities.ts';
import { FirstDay, LastDay } from '../../parts/when.tsx';
import { type Gap, perPerson } from './missing-trainings.tsx';

type Items = EvidenceFragment['form']['items'] | NonNullable<EvidenceFragment['proposal']>['items'];
export type Newest = NonNullable<StewardRequestQuery['draftReleases']>[number];

/** Who would get what and of how much, in the words of the grant, and what they would not get yet. */
export function Effect({
  people,
  items,
  startsAt,
  endsAt,
  conditions,
  gaps,
  newest,
}: {
  people: readonly { id: string; name: string; institution: string | null }[];
  items: Items;
  startsAt?: string | null;
  endsAt: string;
  conditions?: string;
  gaps: readonly Gap[];
  newest: Newest | null;
}) {
  const lacking = perPerson(gaps.filter(({ modality }) => items.some((item) => item.modality === modality)));
  return (
    <>
      <p>
        <strong>
          {people.map(({ name, institution }) => (institution ? `${name} (${institution})` : name)).join('; ')}
        </strong>{' '}
        would have, from {startsAt ? <FirstDay at={startsAt} /> : 'now'} to the end of <LastDay at={endsAt} />:
      </p>
      <ul className="usa-list">
        {items.map(({ modality, uses }) => (
          <li key={modality}>
            <strong>{MODALITY_TEXT[modality].name}</strong>:{' '}
            {uses.map((use) => USE_TEXT[use].name.toLowerCase()).join(', ')}
            {MODALITY_TEXT[modality].asks === 'identifiable' && ' (identifiable)'}
          </li>
        ))}
      </ul>
      {newest && (
        <p>
          Of release {newest.version}, and of those that follow it: {newest.patients.toLocaleString('en')} patients and{' '}
          {newest.submissions.toLocaleString('en')} check-ins, without whoever has withdrawn or not consented to this.
        </p>
      )}
      {conditions && <p className="portal-text">Conditions: {conditions}</p>}
      {lacking.length > 0 && (
        <>
          <p>They would not have it all at once:</p>
          <ul className="usa-list">
            {lacking.map(({ key, name, training, standing, modalities }) => (
              <li key={key}>
                {name} lacks {training} ({standing}); until then no {modalities}.
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="portal-quiet">Each of them only while their agreement and trainings hold.</p>
    </>
  );
}
