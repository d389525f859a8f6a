import { useQuery } from '../../api/use-query.ts';
import { StewardDashboard, StewardFigures, type StewardFiguresQuery } from '../../operations/governance.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { TRAINING_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { percent } from '../../parts/when.tsx';
import { waited } from '../steward/ago.ts';

/** How long people wait, how full the cohorts are, and whether some groups are served worse. */
export const DashboardPage = () => (
  <SignedIn>
    <Dashboard />
  </SignedIn>
);

function Dashboard() {
  const query = useQuery(StewardDashboard, {});
  const figures = useQuery(StewardFigures, {});
  return (
    <Page title="How it stands" lead="Waiting times, enrolment, and accuracy and quality by sex, skin type and device.">
      <Load query={query}>
        {({ queueMetrics, certificateTotals, study }) => (
          <>
            <h2>Waiting</h2>
            <p>
              {queueMetrics.waiting} requests wait: {queueMetrics.waitingForSteward} for stewards,{' '}
              {queueMetrics.waitingForOfficial} for officials.
            </p>
            {certificateTotals && certificateTotals.length > 0 && (
              <p>
                Certificates:{' '}
                {certificateTotals
                  .map(
                    ({ type, waiting, oldestAt }) =>
                      `${TRAINING_TEXT[type] ?? type} ${waiting} (oldest ${waited(oldestAt)})`,
                  )
                  .join('; ')}
              </p>
            )}
            <DataTable
              caption="Requests by month; days are medians"
              head={['Month', 'Received', 'Decided', 'Days to a first answer', 'Days to a decision']}
              rows={queueMetrics.months.map(
                ({ month, received, decided, medianDaysToAnswer, medianDaysToDecision }) => [
                  month,
                  received,
                  decided,
                  medianDaysToAnswer?.toFixed(1) ?? '—',
                  medianDaysToDecision?.toFixed(1) ?? '—',
                ],
              )}
            />
            <h2>Enrolment</h2>
            <DataTable
              caption="Patients enrolled against the goal of each cohort"
              head={['Cohort', 'Enrolled', 'Goal', 'Reached']}
              rows={study.cohorts.map(({ name, enrolled, goal }) => [
                name,
                enrolled ?? 'hidden: few',
                goal ?? '—',
                goal && enrolled !== null ? (
                  <span key="bar">
                    <meter min={0} max={goal} value={Math.min(enrolled, goal)} aria-label={`${name}: reached`} />{' '}
                    {percent(enrolled / goal)}
                  </span>
                ) : (
                  '—'
                ),
              ])}
            />
          </>
        )}
      </Load>
      <h2>Accuracy and quality by group</h2>
      <Load query={figures}>
        {({ groupFigures }) => (
          <>
            <PartlyRefused problems={figures.problems} />
            {groupFigures && <Groups figures={groupFigures} />}
          </>
        )}
      </Load>
    </Page>
  );
}

type Figures = NonNullable<StewardFiguresQuery['groupFigures']>;
type Mean = Figures['quality'][number]['faceFound'];

const meanText = ({ mean, interval }: Mean, text: (value: number) => string): string =>
  mean === null ? '—' : `${text(mean)}${interval ? ` (${text(interval.low)} to ${text(interval.high)})` : ''}`;
const number = (value: number): string => value.toPrecision(3);

function Groups({ figures: { release, baselines, quality } }: { figures: Figures }) {
  return (
    <>
      <p>
        Release {release}; as it was published, with 95 % intervals over patients. Groups of few patients are not told,
        nor what they could be worked out from.
      </p>
      {baselines.length === 0 && (
        <Empty title="No baseline was run on this release yet">
          <p>Accuracy by group appears with the first run.</p>
        </Empty>
      )}
      {baselines.map(({ experiment, classes, preset, patients, overall, groups }) => (
        <DataTable
          key={`${experiment} ${classes} ${preset}`}
          caption={`${experiment}, ${classes} classes, ${preset}: ${meanText(overall, percent)} of ${patients} patients`}
          head={['Group', 'Patients', 'Accuracy']}
          rows={groups.map(({ by, group, patients: count, accuracy }) => [
            `${asWords(by)} ${group}`,
            count,
            meanText(accuracy, percent),
          ])}
        />
      ))}
      <DataTable
        caption="Quality of recordings by group"
        head={['Group', 'Patients', 'Faces found', 'Brightness', 'Sharpness', 'Loudness']}
        rows={quality.map(({ by, group, patients, faceFound, brightness, sharpness, loudness }) => [
          `${asWords(by)} ${group}`,
          patients,
          meanText(faceFound, percent),
          meanText(brightness, number),
          meanText(sharpness, number),
          meanText(loudness, number),
        ])}
      />
    </>
  );
}
