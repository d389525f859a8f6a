import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeVideo } from '../../../pipeline/media/encode.ts';

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 45;

/**
 * A drop with one patient and one recording of three seconds of noise, which cannot be made small: 8 MB, more than the buffers between two
 * sockets hold, so that a slow download is still under way when something happens to it.
 */
export async function writeLargeDrop(folder: string, patient: string): Promise<void> {
  const submission = join(folder, 'submissions', patient, '20210715T080906');
  await mkdir(submission, { recursive: true });
  // With a fold, as all patients of the demo have one.
  await writeFile(
    join(folder, 'enrolment.csv'),
    `patient,sex,skin_type,worst_pain,source_device,enrolled_on,split\n${patient},M,IV-VI,8,Android,2021-04-16,1\n`,
  );
  await writeFile(
    join(submission, 'survey.csv'),
    'painnow,paintime,activity,mood,walking,work,relationships,sleep,enjoyment\n6,Yes,5,6,8,5,7,9,8\n',
  );
  const seconds = FRAMES / 15;
  const sound = {
    sampleRate: 44_100,
    channels: 1,
    pcm: new Int16Array(seconds * 44_100).map((_, i) => (i % 200) * 40),
  };
  await encodeVideo(
    { width: WIDTH, height: HEIGHT, framesPerSecond: 15 },
    noise(),
    sound,
    join(submission, 'narrative.mp4'),
  );
}

/** The same noise every time: a linear congruential generator's high bits. */
function* noise(): Generator<Uint8Array> {
  let state = 1;
  for (let frame = 0; frame < FRAMES; frame++) {
    const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
    for (let i = 0; i < rgb.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      rgb[i] = state >>> 24;
    }
    yield rgb;
  }
}
