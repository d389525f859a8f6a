import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';
import { bytesText } from '../../parts/when.tsx';
import { SAMPLES } from './samples.ts';

/** One synthetic submission, to look at and to take away: nobody's face, nobody's voice. */
export function SamplesPage() {
  return (
    <Page
      title="A synthetic sample"
      lead="One submission of each kind of data, drawn and computed by a program. It has the form of the real data and concerns nobody."
    >
      <div className="portal-look">
        <section>
          <h2>Video and audio</h2>
          <video
            className="portal-preview"
            controls
            src="/sample/video.mp4"
            preload="metadata"
            aria-label="Synthetic video: a drawn face"
          >
            <track kind="captions" />
          </video>
        </section>
        <section>
          <h2>Frame and face</h2>
          <div className="portal-strip">
            <img src="/sample/frame.jpg" alt="One frame: a drawn face in front of a plain wall" />
            <img src="/sample/face.jpg" alt="The face of that frame, cut out" />
          </div>
        </section>
        <section>
          <h2>Spectrogram</h2>
          <img
            className="portal-preview"
            src="/sample/spectrogram.png"
            alt="Mel spectrogram of the computed voice, 128 bands over time"
          />
        </section>
      </div>
      <h2>Files</h2>
      <DataTable
        caption="Files of the sample"
        head={['Kind of data', 'File', 'Form', 'Size']}
        rows={SAMPLES.map(({ modality, file, form, bytes }) => [
          MODALITY_TEXT[modality].name,
          <a key="file" href={`/sample/${file}`} download={file}>
            {file}
          </a>,
          form,
          bytesText(bytes),
        ])}
      />
    </Page>
  );
}
