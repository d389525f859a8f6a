import { useEffect, useState } from 'react';
import type { Problem } from '../../api/client.ts';
import type { Query } from '../../api/use-query.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITIES, MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { Empty, Load } from '../../parts/states.tsx';
import { bytesText } from '../../parts/when.tsx';

interface SampleFile {
  readonly path: string;
  readonly bytes: number;
  readonly modality: string | null;
}

/** The open sample, an export of a synthetic study: to look at, and to take away file by file or with one command. */
export function SamplesPage() {
  const query = useSample();
  return (
    <Page
      title="A synthetic sample"
      lead="Some submissions with every kind of data, drawn and computed by a program. The form is that of an export of the real data; nobody is in it."
    >
      <Load query={query} lines={8}>
        {(files) => (files.length === 0 ? <Empty title="There is no sample here" /> : <Shown files={files} />)}
      </Load>
    </Page>
  );
}

/** What the sample has; it is files beside the pages, not an answer of the API. */
function useSample(): Query<readonly SampleFile[]> {
  const [held, setHeld] = useState<readonly SampleFile[] | 'loading' | 'failed' | 'offline'>('loading');
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks again
  useEffect(() => {
    const abort = new AbortController();
    fetch('/sample/manifest.json', { signal: abort.signal }).then(
      async (response) => {
        const manifest = response.ok ? ((await response.json()) as { files: SampleFile[] }) : null;
        if (!abort.signal.aborted) setHeld(manifest?.files ?? 'failed');
      },
      () => abort.signal.aborted || setHeld('offline'),
    );
    return () => abort.abort();
  }, [turn]);
  const reload = (): void => setTurn(turn + 1);
  if (typeof held === 'object') return { state: 'ready', data: held, problems: [], reload };
  return { state: held, data: null, problems: held === 'failed' ? [NO_SAMPLE] : [], reload };
}

const NO_SAMPLE: Problem = { code: 'INTERNAL', message: 'The sample did not come.', path: [], reasons: [] };

function Shown({ files }: { files: readonly SampleFile[] }) {
  const first = (modality: string, form: RegExp) =>
    files.find((file) => file.modality === modality && form.test(file.path))?.path;
  const [video, audio, spectrogram] = [first('VIDEO', /mp4$/), first('AUDIO', /wav$/), first('SPECTROGRAMS', /png$/)];
  const [frame, face] = [first('FRAMES', /jpg$/), first('FACES', /jpg$/)];
  return (
    <>
      <div className="portal-look">
        {video && (
          <section>
            <h2>Video</h2>
            {/* biome-ignore lint/a11y/useMediaCaption: a computed voice says nothing */}
            <video
              className="portal-preview"
              controls
              src={`/sample/${video}`}
              preload="metadata"
              aria-label="A drawn face"
            />
          </section>
        )}
        {spectrogram && (
          <section>
            <h2>Spectrogram and audio</h2>
            <div className="portal-sound">
              <img src={`/sample/${spectrogram}`} alt="Mel spectrogram of a computed voice, 128 bands over time" />
            </div>
            {/* biome-ignore lint/a11y/useMediaCaption: a computed voice says nothing */}
            {audio && <audio controls src={`/sample/${audio}`} preload="none" aria-label="A computed voice" />}
          </section>
        )}
        <section>
          <h2>Frame and face</h2>
          <div className="portal-strip">
            {frame && <img src={`/sample/${frame}`} alt="One frame: a drawn face before a plain wall" />}
            {face && <img src={`/sample/${face}`} alt="The face of a frame, cut out" />}
          </div>
        </section>
      </div>
      <h2>Take it away</h2>
      <p>All of it, checked, with one command and no account:</p>
      <code className="portal-command">npx iss pull --sample -o sample</code>
      {[...MODALITIES, null].map((modality) => {
        const own = files.filter((file) => file.modality === modality);
        if (own.length === 0) return null;
        const name = modality === null ? 'About the sample' : MODALITY_TEXT[modality].name;
        return (
          <details key={name}>
            <summary>
              {name}: {own.length} files
            </summary>
            <DataTable
              caption={`${name}: files`}
              head={['File', 'Size']}
              rows={own.map(({ path, bytes }) => [
                <a key="path" href={`/sample/${path}`} download={path.split('/').at(-1)}>
                  {path}
                </a>,
                bytesText(bytes),
              ])}
            />
          </details>
        );
      })}
    </>
  );
}
