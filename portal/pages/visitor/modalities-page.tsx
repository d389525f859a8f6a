import { Fragment } from 'react';
import { Link } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { ModalitiesPage as ModalitiesOperation } from '../../operations/visitor.ts';
import { askedText } from '../../parts/asked.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT, TRAINING_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Load } from '../../parts/states.tsx';

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** What each kind of data is and what it asks for, by the policy in force. */
export function ModalitiesPage() {
  const query = useQuery(ModalitiesOperation, {});
  return (
    <Page
      title="What is in the dataset"
      lead="Faces and voices cannot be made anonymous. The closer a kind of data is to a person, the more it asks for."
    >
      <Load query={query} lines={12}>
        {({ requirements, trainings }) => (
          <>
            {requirements.classes.map((one) => (
              <section key={one.key}>
                <h2>{capital(one.key)}</h2>
                <p>Asks for {askedText(one)}.</p>
                <DataTable
                  caption={`${capital(one.key)}: kinds of data`}
                  head={['Kind of data', 'What it is']}
                  rows={one.modalities.map((modality) => [MODALITY_TEXT[modality].name, MODALITY_TEXT[modality].text])}
                />
                <p className="portal-quiet">
                  Trainings: {one.training.map((type) => TRAINING_TEXT[type] ?? asWords(type)).join(', ')}.
                </p>
              </section>
            ))}
            <p>
              A grant lasts {requirements.maxMonths} months at most and can be renewed from{' '}
              {requirements.renewalWindowDays} days before its end. Copies are destroyed within{' '}
              {requirements.closeOutDays} days after it.
            </p>
            <h2>Trainings and courses that are accepted</h2>
            <DataTable
              caption="Trainings, accepted courses, and for how long a certificate counts that names no end"
              head={['Training', 'Accepted courses', 'Counts for']}
              rows={trainings.map(({ type, title, courses, durationMonths }) => [
                <Fragment key="training">
                  {TRAINING_TEXT[type] ?? asWords(type)}
                  {title !== TRAINING_TEXT[type] && <span className="portal-quiet portal-under">{title}</span>}
                </Fragment>,
                courses.map(({ key, title: course, url }) => (
                  <div key={key}>
                    <a href={url} rel="noreferrer">
                      {course}
                    </a>
                  </div>
                )),
                `${durationMonths} months`,
              ])}
            />
          </>
        )}
      </Load>
      <p>
        <Link to="/samples">Look at a synthetic sample of each</Link>, or read <Link to="/ask">how to ask</Link>.
      </p>
    </Page>
  );
}
