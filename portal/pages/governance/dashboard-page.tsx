import { useQuery } from '../../api/use-query.ts';
import { StewardDashboard, StewardFigures, type StewardFiguresQuery } from '../../operations/governance.ts';
import { Bars } from '../../parts/bars.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { TRAINING_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { Ranges } from '../../parts/ranges.tsx';
import { asWords, Empty, Load, PartlyRefused, SignedIn } from '../../parts/states.tsx';
import { monthText, percent } from '../../parts/when.tsx';
import { waited } from '../steward/ago.ts';

/** How long people wait, how full the cohorts are, and whether some groups are served worse. */
export const DashboardPage = () => (
  <SignedIn title="How it stands">
    <Dashboard />
  </SignedIn>
);

function Dashboard() {
  const query = useQuery(StewardDashboard, {});
  const figures = useQuery(StewardFigures, {});
  return (
    <Page title="How it stands" lead="Waiting times, enrolment, and accuracy and quality by sex, skin type and device.">
      <Load query={query}>
        {({ queueMetrics, certificateTotals, study, accessRequests }) => (
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
            {/* Who may not see the queue is given none of it. */}
            {accessRequests.totalCount > 0 && (
              <Bars
                title="How long requests have waited for a steward"
                labelName="Since they were sent in"
                unit="count"
                counted="requests"
                bars={AGES.map(([label, least, below]) => ({
                  label,
                  series: 'Requests',
                  value: accessRequests.nodes.filter(({ submittedAt, createdAt }) => {
                    const days = daysSince(submittedAt ?? createdAt);
                    return days >= least && days < below;
                  }).length,
                }))}
              />
            )}
            {accessRequests.totalCount > accessRequests.nodes.length && (
              <p>Counted among the newest {accessRequests.nodes.length}.</p>
            )}
            <DataTable
              caption="Requests by month; days are medians, and not told of few"
              head={['Month', 'Received', 'Decided', 'Days to a first answer', 'Days to a decision']}
              rows={queueMetrics.months.map(
                ({ month, received, decided, medianDaysToAnswer, medianDaysToDecision }) => [
                  monthText(month),
                  received,
                  decided,
                  medianDaysToAnswer?.toFixed(1) ?? '—',
                  medianDaysToDecision?.toFixed(1) ?? '—',
                ],
              )}
            />
            <h2>Enrolment</h2>
            {study.cohorts.length === 0 && <Empty title="This study has no goals for cohorts" />}
            {study.cohorts.length > 0 && (
              <>
                <Bars
                  title="Patients enrolled, as a share of each cohort’s goal"
                  labelName="Cohort"
                  bars={study.cohorts.map(({ name, enrolled, goal }) => ({
                    label: name,
                    series: 'Reached',
                    value: goal && enrolled !== null ? enrolled / goal : null,
                  }))}
                />
                <DataTable
                  caption="Patients enrolled against the goal of each cohort"
                  head={['Cohort', 'Enrolled', 'Goal']}
                  rows={study.cohorts.map(({ name, enrolled, goal }) => [name, enrolled ?? 'hidden: few', goal ?? '—'])}
                />
              </>
            )}
          </>
        )}
      </Load>
      <h2>Accuracy and quality by group</h2>
      <Load query={figures}>
        {({ groupFigures }) => (
          <>
            <PartlyRefused problems={figures.problems} />
            {groupFigures && <Groups figures={groupFigures} />}
            {!groupFigures && figures.problems.length === 0 && <Empty title="No release is published yet" />}
          </>
        )}
      </Load>
    </Page>
  );
}

/** Days from and days below. */
const AGES = [
  ['up to a week', 0, 7],
  ['one to two weeks', 7, 14],
  ['two to four weeks', 14, 28],
  ['longer', 28, Number.POSITIVE_INFINITY],
] as const;
const daysSince = (at: string): number => (Date.now() - Date.parse(at)) / 86_400_000;

type Figures = NonNullable<StewardFiguresQuery['groupFigures']>;
type Mean = Figures['quality'][number]['faceFound'];

const meanText = ({ mean, interval }: Mean, text: (value: number) => string): string =>
  mean === null
    ? '—'
    : `${text(mean)}${interval ? ` (${text(interval.low).replace(' %', '')} to ${text(interval.high)})` : ''}`;
const number = (value: number): string => value.toPrecision(3);

/** "sex: male", "skin type: types I–III". */
const groupText = (by: string, group: string): string =>
  `${asWords(by)}: ${asWords(group) === group.toLowerCase() ? group : asWords(group)}`;

const QUALITY = [
  ['faceFound', 'Share of frames with a face', 'share'],
  ['brightness', 'Brightness (0 black to 255 white)', 'value'],
  ['sharpness', 'Sharpness (low is out of focus)', 'value'],
  ['loudness', 'Loudness (dB; 0 is full scale)', 'value'],
] as const;

function Groups({ figures: { release, baselines, quality } }: { figures: Figures }) {
  return (
    <>
      <p>
        Release {release}; as it was published, with 95 % intervals over patients. Groups of few patients are not told,
        nor what they could be worked out from.
      </p>
      {baselines.length === 0 && (
        <Empty title="No baseline was run on the whole of this release">
          <p>
            Accuracy by group appears with the first run over all folds and everybody of it; who withdrew since is
            missing from later ones.
          </p>
        </Empty>
      )}
      {baselines.map(({ experiment, classes, preset, patients, overall, groups }) => (
        <section key={`${experiment} ${classes} ${preset}`}>
          <Ranges
            title={`Accuracy of ${experiment}, ${classes} classes, ${preset}, by group`}
            unit="share"
            ranges={groups.map(({ by, group, accuracy }) => ({ label: groupText(by, group), ...accuracy }))}
          />
          <DataTable
            caption={`${experiment}, ${classes} classes, ${preset}: ${meanText(overall, percent)} of ${patients} patients`}
            head={['Group', 'Patients', 'Accuracy']}
            rows={groups.map(({ by, group, patients: count, accuracy }) => [
              groupText(by, group),
              count,
              meanText(accuracy, percent),
            ])}
          />
        </section>
      ))}
      {QUALITY.map(([key, title, unit]) => (
        <Ranges
          key={key}
          title={`${title} by group`}
          unit={unit}
          ranges={quality.map(({ by, group, ...of }) => ({ label: groupText(by, group), ...of[key] }))}
        />
      ))}
      <DataTable
        caption="Quality of recordings by group"
        head={['Group', 'Patients', 'Faces found', 'Brightness (0 to 255)', 'Sharpness', 'Loudness (dB)']}
        rows={quality.map(({ by, group, patients, faceFound, brightness, sharpness, loudness }) => [
          groupText(by, group),
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
