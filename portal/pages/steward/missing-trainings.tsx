import type { MissingTrainingFragment } from '../../operations/steward.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT, TRAINING_TEXT } from '../../parts/modalities.ts';
import { asWords } from '../../parts/states.tsx';

export type Gap = MissingTrainingFragment['missingTraining'][number];

const STANDING: Readonly<Record<string, string>> = {
  MISSING: 'not handed in',
  EXPIRED: 'has expired',
  UNVERIFIED: 'waits for a steward to verify it as this data asks',
};

/** One row for each person and training, with all the kinds of data that wait for it. */
export function perPerson(gaps: readonly Gap[]) {
  const keyOf = ({ person, training, standing }: Gap): string => `${person.id} ${training} ${standing}`;
  return [...new Set(gaps.map(keyOf))].map((key) => {
    const same = gaps.filter((gap) => keyOf(gap) === key);
    const { person, training, standing } = same[0]!;
    return {
      ...{ key, name: person.name, training: TRAINING_TEXT[training] ?? asWords(training) },
      standing: STANDING[standing] ?? asWords(standing),
      modalities: same.map(({ modality }) => MODALITY_TEXT[modality].name.toLowerCase()).join(', '),
    };
  });
}

/** Who of the team lacks which training, and what they do not get until they have it. */
export function MissingTrainings({ gaps }: { gaps: readonly Gap[] }) {
  return (
    <section>
      <h2>Trainings that are missing</h2>
      {gaps.length === 0 ? (
        <p>None: everybody on the team has what this data asks for.</p>
      ) : (
        <DataTable
          caption="Who lacks which training, and the data that waits for it"
          head={['Who', 'Training', 'How it stands', 'Until then not']}
          rows={perPerson(gaps).map(({ name, training, standing, modalities }) => [
            name,
            training,
            standing,
            modalities,
          ])}
        />
      )}
    </section>
  );
}
