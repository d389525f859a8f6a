import { Alert } from '@trussworks/react-uswds';
import { Fragment } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { ResultsPage as ResultsOperation } from '../../operations/visitor.ts';
import { Bars } from '../../parts/bars.tsx';
import { Details } from '../../parts/details.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load } from '../../parts/states.tsx';
import { percent, rangeText } from '../../parts/when.tsx';

/** The published baselines of the ISS study, as plots and tables; what is known to be wrong with them stands above. */
export function ResultsPage() {
  const query = useQuery(ResultsOperation, { study: 'iss' });
  return (
    <Page
      title="Published baselines"
      lead="Accuracy of the models that were published with the ISS study: the mean over patients, each predicted by a model that never saw them."
    >
      <Load query={query} lines={10}>
        {({ study }) => (
          <>
            {study.errata.length > 0 && (
              <Alert
                validation
                type="warning"
                headingLevel="h2"
                heading={`${study.errata.length} errata are known; they concern some of these numbers`}
              >
                <Details summary="Read them">
                  <ul className="usa-list">
                    {study.errata.map(({ number, text }) => (
                      <li key={number}>
                        <strong>Erratum {number}.</strong> {text}
                      </li>
                    ))}
                  </ul>
                </Details>
              </Alert>
            )}
            {study.experiments.length === 0 && <Empty title="No results are published" />}
            {study.experiments.map(({ key, number, title, description, modalities, published }) => (
              <section key={key}>
                <h2>
                  {number}. {title}
                </h2>
                <p>{description}</p>
                <p className="portal-quiet">
                  Reads {modalities.map((modality) => MODALITY_TEXT[modality].name.toLowerCase()).join(', ')}.{' '}
                  {published
                    .map(({ model, classes, overall }) => `${model}, ${classes} classes: ${percent(overall)}`)
                    .join('; ')}
                  .
                </p>
                {published.map(({ model, classes, byClass, overall, ranges, patientsOver50 }) => (
                  <Fragment key={`${model}${classes}`}>
                    <Bars
                      title={`${model}, ${classes} classes: accuracy by pain level`}
                      labelName="Pain level"
                      bars={[
                        { label: 'all patients', series: 'published', value: overall },
                        ...byClass.map((one) => ({
                          label: asWords(one.class),
                          series: 'published',
                          value: one.accuracy,
                        })),
                      ]}
                    />
                    {ranges.length > 0 && (
                      <Bars
                        title={`${model}, ${classes} classes: patients by range of accuracy${patientsOver50 === null ? '' : `; ${patientsOver50} are over one half`}`}
                        labelName="Accuracy"
                        unit="count"
                        bars={ranges.map((range) => ({
                          label: rangeText(range),
                          series: 'patients',
                          value: range.patients,
                        }))}
                      />
                    )}
                  </Fragment>
                ))}
              </section>
            ))}
          </>
        )}
      </Load>
    </Page>
  );
}
