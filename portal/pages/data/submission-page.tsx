import { Alert } from '@trussworks/react-uswds';
import { useEffect, useRef, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { useQuery } from '../../api/use-query.ts';
import {
  LiveAccess,
  type LiveAccessQuery,
  SubmissionPage as SubmissionOperation,
  type SubmissionPageQuery,
} from '../../operations/data.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, PartlyRefused, Refused, SignedIn } from '../../parts/states.tsx';
import { Film } from './film.tsx';
import { FrameStrip } from './frame-strip.tsx';
import { Spectrogram } from './spectrogram.tsx';

type Submission = NonNullable<NonNullable<NonNullable<SubmissionPageQuery['release']>['patient']>['submission']>;

/** One submission: the recording with the landmarks over it, its sound, its answers. Whatever is refused says so; nothing is kept. */
export function SubmissionPage() {
  const { code = '', timestamp = '' } = useParams();
  const query = useQuery(SubmissionOperation, { code, timestamp });
  const [lost, setLost] = useState(false);
  const { reload } = query;
  // What is on the page goes at once; then the API is asked what is still shown, and says why not.
  const lose = (): void => {
    setLost(true);
    reload();
  };
  // An address that has expired is renewed; a film that cannot be played is not tried for ever.
  const failures = useRef(0);
  const lostFilm = (): void => {
    failures.current += 1;
    if (failures.current <= 2) lose();
  };
  const before = useRef<string | null>(null);
  const hear = ({ viewer }: LiveAccessQuery): void => {
    const now = JSON.stringify(viewer?.accessChecklist.uses ?? null);
    if (before.current !== null && before.current !== now) lose();
    before.current = now;
  };
  useLive(LiveAccess, query.data?.release?.patient?.submission ? {} : null, hear, lose);
  const { data } = query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer is what may be shown now
  useEffect(() => setLost(false), [data]);
  return (
    <SignedIn title="Submission">
      <Load query={query} lines={12} title="Submission">
        {({ release }) => {
          if (lost)
            return (
              <Page title={`Patient ${code}`}>
                <Alert type="warning" headingLevel="h2" heading="Your access has changed">
                  What was shown here is gone. The page asks what you may see now.
                </Alert>
              </Page>
            );
          const submission = release?.patient?.submission;
          if (!submission)
            return (
              <Page title="Submission">
                {query.problems.length > 0 ? (
                  <Refused problems={query.problems} />
                ) : (
                  <Empty title="There is no such submission that you may see" />
                )}
              </Page>
            );
          return (
            <Page title={`Patient ${code}, ${submission.recordedAt?.replace('T', ' ').slice(0, 16) ?? timestamp}`}>
              <p>
                <Link to={`/data/patients/${code}`}>All submissions of patient {code}</Link> · release {release.version}{' '}
                · {submission.durationSeconds?.toFixed(1)} s · {submission.frameCount} frames,{' '}
                {submission.faceCount ?? '—'} with a face
              </p>
              <PartlyRefused problems={query.problems} />
              <Look submission={submission} code={code} reload={lostFilm} />
              <Answers submission={submission} target={release.patient?.painTarget ?? null} />
              <Numbers submission={submission} />
            </Page>
          );
        }}
      </Load>
    </SignedIn>
  );
}

function Look({ submission, code, reload }: { submission: Submission; code: string; reload: () => void }) {
  const [time, setTime] = useState(0);
  const duration = submission.durationSeconds ?? 0;
  return (
    <>
      <div className="portal-look">
        {submission.video && (
          <section>
            <h2>Recording</h2>
            <Film
              code={code}
              timestamp={submission.timestamp ?? ''}
              video={submission.video.url}
              landmarks={submission.landmarks?.url ?? null}
              onTime={setTime}
              onLost={reload}
            />
          </section>
        )}
        {submission.spectrogram && (
          <section>
            <h2>Spectrogram</h2>
            <Spectrogram address={submission.spectrogram.url} at={duration > 0 ? time / duration : 0} />
          </section>
        )}
      </div>
      <FrameStrip code={code} timestamp={submission.timestamp ?? ''} time={time} />
    </>
  );
}

const QUESTIONS = ['painNow', 'activity', 'mood', 'walking', 'work', 'relationships', 'sleep', 'enjoyment'] as const;

function Answers({ submission: { painScores }, target }: { submission: Submission; target: number | null }) {
  if (!painScores) return null;
  return (
    <section>
      <h2>Answers</h2>
      <DataTable
        caption={`Answers of the survey, 0 to 10${target === null ? '' : `; the pain target is ${target}`}`}
        head={['Question', 'Answer']}
        rows={QUESTIONS.map((question) => [
          question === 'painNow' ? 'pain now' : `pain interferes with ${question}`,
          painScores[question],
        ])}
      />
    </section>
  );
}

function Numbers({ submission: { audioFeatures, chunks, quality, audioStatus } }: { submission: Submission }) {
  return (
    <>
      {audioFeatures && (
        <section>
          <h2>Audio features</h2>
          {audioStatus !== 'OK' && <p>The sound is {asWords(audioStatus ?? 'NONE')}.</p>}
          <DataTable
            caption="The 25 numbers of the whole recording"
            head={['Feature', 'Value']}
            rows={[
              ['chroma', audioFeatures.chroma.toFixed(4)],
              ['spectral centroid (Hz)', audioFeatures.spectralCentroid.toFixed(1)],
              ['spectral bandwidth (Hz)', audioFeatures.spectralBandwidth.toFixed(1)],
              ['spectral rolloff (Hz)', audioFeatures.spectralRolloff.toFixed(1)],
              ['zero crossing rate', audioFeatures.zeroCrossingRate.toFixed(4)],
              ...audioFeatures.mfcc.map((value, at) => [`MFCC ${at + 1}`, value.toFixed(2)]),
            ]}
          />
        </section>
      )}
      {chunks && (
        <section>
          <h2>Chunks</h2>
          <DataTable
            caption="Chunks of four seconds"
            head={['Chunk', 'From (s)', 'To (s)', 'Frames']}
            rows={chunks.map(({ number, startSeconds, endSeconds, firstFrame, lastFrame }) => [
              number,
              startSeconds?.toFixed(1),
              endSeconds?.toFixed(1),
              `${firstFrame}–${lastFrame}`,
            ])}
          />
        </section>
      )}
      {quality && (
        <p className="portal-quiet">
          {quality.width} × {quality.height} pixels, {quality.frameRate?.toFixed(1)} frames a second; brightness{' '}
          {quality.brightness?.toFixed(0)} (0 is black, 255 white), sharpness {quality.sharpness?.toFixed(0)} (low is
          out of focus), loudness {quality.loudness?.toFixed(1)} dB (0 is full scale).
        </p>
      )}
    </>
  );
}
