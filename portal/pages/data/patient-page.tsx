import { Link, useParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { PatientPage as PatientOperation } from '../../operations/data.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, Refused, SignedIn } from '../../parts/states.tsx';
import { PainOverTime } from './pain-over-time.tsx';

/** One patient: what is known, their pain over time against their target, and their submissions. */
export function PatientPage() {
  const { code = '' } = useParams();
  const query = useQuery(PatientOperation, { code });
  return (
    <SignedIn title={`Patient ${code}`}>
      <Load query={query} lines={10} title={`Patient ${code}`}>
        {({ release }) => {
          const patient = release?.patient;
          if (!patient)
            return (
              <Page title={`Patient ${code}`}>
                {query.problems.length > 0 ? (
                  <Refused problems={query.problems} />
                ) : (
                  <Empty title="There is no such patient that you may see" />
                )}
              </Page>
            );
          const submissions = patient.submissions?.nodes ?? [];
          return (
            <Page title={`Patient ${patient.code}`}>
              <dl className="portal-facts">
                <dt>Pain level</dt>
                <dd>{patient.painLevel ? asWords(patient.painLevel) : '—'}</dd>
                <dt>Pain target</dt>
                <dd>{patient.painTarget ?? '—'}</dd>
                <dt>Sex, skin type, age</dt>
                <dd>
                  {[patient.sex, patient.skinType, patient.ageGroup]
                    .map((one) => (one ? asWords(one) : '—'))
                    .join('; ')}
                </dd>
                <dt>Device</dt>
                <dd>{patient.sourceDevice}</dd>
              </dl>
              <PartlyRefused problems={query.problems} />
              <PainOverTime
                target={patient.painTarget}
                points={submissions.flatMap(({ recordedAt, painScores }) =>
                  recordedAt && painScores ? [{ at: recordedAt, pain: painScores.painNow }] : [],
                )}
              />
              <h2>Submissions</h2>
              <DataTable
                caption="Submissions; times are local to the patient, shifted by a secret number of days"
                head={['Recorded', 'Time of day', 'Setting', 'Seconds', 'Frames', 'With a face', 'Pain now']}
                rows={submissions.map((one) => [
                  <Link key="timestamp" to={`/data/patients/${patient.code}/${one.timestamp}`}>
                    {one.recordedAt?.replace('T', ' ').slice(0, 16) ?? one.timestamp}
                  </Link>,
                  one.timeframe ? asWords(one.timeframe) : '—',
                  one.setting ? asWords(one.setting) : '—',
                  one.durationSeconds?.toFixed(1) ?? '—',
                  one.frameCount ?? '—',
                  one.faceCount ?? '—',
                  one.painScores?.painNow ?? '—',
                ])}
              />
            </Page>
          );
        }}
      </Load>
    </SignedIn>
  );
}
