import { Link } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { AskPage as AskOperation } from '../../operations/visitor.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITIES, MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';

const CLASSES = [
  { key: 'labels', name: 'Labels', asks: 'a grant, the signed agreement, three trainings' },
  { key: 'features', name: 'Features', asks: 'a grant, the signed agreement, three trainings' },
  { key: 'biometric', name: 'Biometric', asks: 'a grant, the signed agreement, five trainings' },
  {
    key: 'identifiable',
    name: 'Identifiable',
    asks: 'a grant from two stewards, the signed agreement, six trainings looked up at their issuers',
  },
] as const;

/** What each kind of data is and what it asks for. */
export function ModalitiesPage() {
  const query = useQuery(AskOperation, {});
  return (
    <Page
      title="What is in the dataset"
      lead="Faces and voices cannot be made anonymous. The closer a kind of data is to a person, the more it asks for."
    >
      {CLASSES.map(({ key, name, asks }) => (
        <section key={key}>
          <h2>{name}</h2>
          <p className="portal-quiet">
            Asks for {asks}. The policy in force is the server’s; signed in, “where you stand” says what is missing.
          </p>
          <DataTable
            caption={`${name}: kinds of data`}
            head={['Kind of data', 'What it is']}
            rows={MODALITIES.filter((modality) => MODALITY_TEXT[modality].asks === key).map((modality) => [
              MODALITY_TEXT[modality].name,
              MODALITY_TEXT[modality].text,
            ])}
          />
        </section>
      ))}
      <h2>Trainings and courses that are accepted</h2>
      <Load query={query}>
        {({ trainings }) => (
          <DataTable
            caption="Trainings, accepted courses, and for how long a certificate without an end counts"
            head={['Training', 'Accepted courses', 'Months']}
            rows={trainings.map(({ title, courses, durationMonths }) => [
              title,
              courses.map(({ key, title: course, url }) => (
                <div key={key}>
                  <a href={url} rel="noreferrer">
                    {course}
                  </a>
                </div>
              )),
              durationMonths,
            ])}
          />
        )}
      </Load>
      <p>
        <Link to="/samples">Look at a synthetic sample of each</Link>, or read <Link to="/ask">how to ask</Link>.
      </p>
    </Page>
  );
}
