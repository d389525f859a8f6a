import { Alert } from '@trussworks/react-uswds';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { StudyPage as StudyOperation, type StudyPageQuery } from '../../operations/visitor.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Progress } from '../../parts/progress.tsx';
import { Load } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { OpenCounts } from './open-counts.tsx';

const AGAIN_MS = 2000;
const SKIN = { I_III: 'I–III', IV_VI: 'IV–VI' } as const;

/** What the study is, who is in it, and where to go from here. */
export function StudyPage() {
  const query = useQuery(StudyOperation, {});
  const { data, answered, reload } = query;
  // Strangers have no live answers; the page asks again while there is something to wait for: a study that is being made, or one of which it is not said yet.
  useEffect(() => {
    if (answered === 0 || (data?.release && !data.study.preparing)) return;
    const timer = setTimeout(reload, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [answered, data, reload]);
  return (
    <Load query={query} lines={12} title="The study">
      {({ study, release, queueMetrics }) => (
        <Page title={study.title} lead={study.summary ?? undefined}>
          {study.synthetic && (
            <Alert type="info" headingLevel="h2" heading="The study shown here is synthetic">
              Every face is drawn and every voice computed by a program; nobody’s data is in it. It is here to try the
              portal on.
            </Alert>
          )}
          {study.preparing && (
            <section className="portal-card">
              <h2>The study is being made</h2>
              <p>
                Its videos are drawn and processed on this machine at the first start, which takes some minutes. Release
                1.0.0 is published by itself then; everything else here can be read meanwhile.
              </p>
              <Progress state="RUNNING" progress={study.preparing} />
            </section>
          )}
          <p>
            {release ? (
              <>
                <strong>Release {release.version} is published</strong>
                {release.publishedAt && (
                  <>
                    {' '}
                    (<When at={release.publishedAt} />)
                  </>
                )}
                . {release.notes}
              </>
            ) : (
              !study.preparing && 'No release is published yet.'
            )}
          </p>
          <p className="portal-buttons">
            <Link className="usa-button" to="/ask">
              How to ask for access
            </Link>
            <Link to="/modalities">What is in it</Link>
            <Link to="/results">Published results</Link>
            <Link to="/limits">Limits and biases</Link>
          </p>
          <p className="portal-quiet">
            {queueMetrics.waiting === 0
              ? 'No request waits at the moment.'
              : `${queueMetrics.waiting} request${queueMetrics.waiting === 1 ? ' waits' : 's wait'} at the moment.`}
          </p>
          {study.design.map(({ heading, text }) => (
            <section key={heading}>
              <h2>{heading}</h2>
              <p className="portal-text">{text}</p>
            </section>
          ))}
          <Cohorts cohorts={study.cohorts} />
          {release && release.counts.length > 0 && <OpenCounts tables={release.counts} />}
        </Page>
      )}
    </Load>
  );
}

function Cohorts({ cohorts }: { cohorts: StudyPageQuery['study']['cohorts'] }) {
  if (cohorts.length === 0) return null;
  return (
    <>
      <h2>Cohorts</h2>
      <p>
        People were enrolled towards goals by pain level, sex and self-reported Fitzpatrick skin type. Small numbers are
        not shown, nor others that would give them away.
      </p>
      <DataTable
        caption="Enrolment by cohort, patients"
        head={['Cohort', 'Pain level', 'Sex', 'Skin type', 'Goal', 'Enrolled']}
        rows={cohorts.map(({ name, painLevel, sex, skinType, goal, enrolled }) => [
          name,
          painLevel.toLowerCase(),
          sex,
          SKIN[skinType],
          goal ?? '—',
          enrolled ?? 'hidden',
        ])}
      />
    </>
  );
}
