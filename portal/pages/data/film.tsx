import { useEffect, useRef, useState } from 'react';
import { send } from '../../api/client.ts';
import { SubmissionBoxes, type SubmissionBoxesQuery } from '../../operations/data.ts';

const POINTS = 468;
const FRAMES_PER_SECOND = 10;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The landmarks of every frame, normalised to the face's crop, and where the crop lies in the frame. */
interface Mesh {
  readonly points: Float32Array;
  readonly boxes: ReadonlyMap<number, Box>;
}

/**
 * The recording with its landmarks drawn over it, in step: record i of the landmarks belongs to the frame at i / 10 s. Where access ends while it plays, the
 * server cuts the file; the player stops, and the page asks anew.
 */
export function Film({
  code,
  timestamp,
  video,
  landmarks,
  onTime,
  onLost,
}: {
  code: string;
  timestamp: string;
  video: string;
  landmarks: string | null;
  onTime: (seconds: number) => void;
  onLost: () => void;
}) {
  const film = useRef<HTMLVideoElement>(null);
  const sheet = useRef<HTMLCanvasElement>(null);
  const mesh = useRef<Mesh | null>(null);
  const [drawn, setDrawn] = useState(true);
  const [told, setTold] = useState(landmarks === null ? 'No landmarks are shown.' : 'The landmarks are coming…');

  useEffect(() => {
    if (landmarks === null) return;
    const abort = new AbortController();
    Promise.all([readPoints(landmarks, abort.signal), readBoxes(code, timestamp, abort.signal)]).then(
      ([points, boxes]) => {
        mesh.current = { points, boxes };
        setTold(`${POINTS} landmarks are drawn over each frame with a face.`);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setTold(`The landmarks could not be loaded: ${(error as Error).message}`);
      },
    );
    return () => {
      abort.abort();
      mesh.current = null;
    };
  }, [landmarks, code, timestamp]);

  useEffect(() => {
    let frame = 0;
    let last = -1;
    const step = (): void => {
      frame = requestAnimationFrame(step);
      const player = film.current;
      if (!player || !sheet.current) return;
      if (player.currentTime !== last) {
        last = player.currentTime;
        onTime(last);
      }
      draw(sheet.current, player, drawn ? mesh.current : null);
    };
    step();
    return () => cancelAnimationFrame(frame);
  }, [drawn, onTime]);

  return (
    <>
      <div className="portal-film">
        {/* biome-ignore lint/a11y/useMediaCaption: what is said is not transcribed; the study forbids it */}
        <video
          ref={film}
          controls
          controlsList="nodownload"
          disablePictureInPicture
          src={video}
          preload="auto"
          playsInline
          aria-label="The recording"
          onError={() => {
            setTold('The recording stopped: access may have ended, or its address has expired.');
            onLost();
          }}
        />
        <canvas ref={sheet} />
      </div>
      <p className="portal-quiet">
        <output>{told}</output>{' '}
        {landmarks !== null && (
          <button type="button" className="usa-button usa-button--unstyled" onClick={() => setDrawn(!drawn)}>
            {drawn ? 'Hide them' : 'Show them'}
          </button>
        )}
      </p>
    </>
  );
}

async function readPoints(address: string, signal: AbortSignal): Promise<Float32Array> {
  const response = await fetch(address, { signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`the server says ${response.status}`);
  return new Float32Array(await response.arrayBuffer());
}

async function readBoxes(code: string, timestamp: string, signal: AbortSignal): Promise<Map<number, Box>> {
  const boxes = new Map<number, Box>();
  let after: string | null = null;
  do {
    const answer: { data: SubmissionBoxesQuery | null } = await send(
      SubmissionBoxes,
      { code, timestamp, after },
      signal,
    );
    const frames = answer.data?.release?.patient?.submission?.frames;
    for (const { number, face } of frames?.nodes ?? []) if (face?.box && number !== null) boxes.set(number, face.box);
    after = frames?.pageInfo.hasNextPage ? (frames.pageInfo.endCursor ?? null) : null;
  } while (after !== null);
  return boxes;
}

function draw(canvas: HTMLCanvasElement, player: HTMLVideoElement, mesh: Mesh | null): void {
  const { videoWidth: width, videoHeight: height } = player;
  if (width === 0) return;
  // As many pixels as the screen shows, so that a point is a point on a small video too.
  const scale = Math.max(1, (canvas.clientWidth * devicePixelRatio) / width);
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const paper = canvas.getContext('2d');
  if (!paper) return;
  paper.setTransform(scale, 0, 0, scale, 0, 0);
  paper.clearRect(0, 0, width, height);
  if (!mesh) return;
  // Frames are numbered from 1: number n is shown from (n - 1) / 10 s, and is record n - 1.
  const number = Math.floor(player.currentTime * FRAMES_PER_SECOND + 1e-6) + 1;
  const box = mesh.boxes.get(number);
  if (!box) return;
  paper.fillStyle = '#00e5ff';
  const size = (2 * devicePixelRatio) / scale;
  const first = (number - 1) * POINTS * 3;
  for (let at = first; at < first + POINTS * 3; at += 3) {
    const x = mesh.points[at];
    const y = mesh.points[at + 1];
    if (x === undefined || y === undefined || Number.isNaN(x)) continue;
    paper.fillRect(box.x + x * box.width - size / 2, box.y + y * box.height - size / 2, size, size);
  }
}
