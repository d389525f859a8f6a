import sharp from 'sharp';
import { LANDMARK_VALUES } from '../../governance/modality.ts';
import { CROP_SIZE, type FaceChain } from '../faces/face-chain.ts';
import { pictureQuality } from '../media/picture-quality.ts';
import { type ArtifactSink, Pack } from './artifact-sink.ts';

/** JPEG quality of stored face crops: high enough that the networks see no difference, without chroma subsampling. */
const FACE_QUALITY = 95;

/** What is known of the frames of a recording; element n - 1 of each list is frame n. */
export interface FramesFound {
  /** x, y, width, height in pixels of the upright frame; null where no face was found. */
  boxes: (readonly [number, number, number, number] | null)[];
  scores: (number | null)[];
  landmarksFound: boolean[];
  /** Means over the frames: brightness and contrast 0-255, sharpness as the variance of the Laplacian. */
  brightness: number;
  contrast: number;
  sharpness: number;
  framesWithSeveralFaces: number;
}

/** One frame after the other: picture kept as it came, face cut out, landmarks of the crop. Holds one frame in memory. */
export async function pictureStage(chain: FaceChain, sink: ArtifactSink) {
  const common = { step: 'frames', stepVersion: '1' };
  const frames = new Pack(
    await sink.open('FRAMES', {
      ...common,
      contentType: 'application/x-iss-jpeg-pack',
      parameters: { framesPerSecond: 10, jpegScale: 2 },
    }),
  );
  const faces = new Pack(
    await sink.open('FACES', {
      contentType: 'application/x-iss-jpeg-pack',
      step: 'faces',
      stepVersion: '1',
      parameters: { size: CROP_SIZE, jpegQuality: FACE_QUALITY, detector: 'mediapipe-short-range' },
    }),
  );
  const landmarks = await sink.open('LANDMARKS', {
    contentType: 'application/octet-stream',
    step: 'landmarks',
    stepVersion: '1',
    parameters: { on: 'crop', points: 468, type: 'float32le' },
  });
  const none = new Float32Array(LANDMARK_VALUES).fill(Number.NaN);
  const found: FramesFound = {
    boxes: [],
    scores: [],
    landmarksFound: [],
    brightness: 0,
    contrast: 0,
    sharpness: 0,
    framesWithSeveralFaces: 0,
  };

  return {
    /** @param jpeg the frame as stored; faces are looked for in what the JPEG holds, so that everything can be made again from it */
    async frame(jpeg: Uint8Array): Promise<void> {
      await frames.add(jpeg);
      const { data, info } = await sharp(jpeg)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      const image = { width: info.width, height: info.height, rgb: data };
      const quality = pictureQuality(image);
      found.brightness += quality.brightness;
      found.contrast += quality.contrast;
      found.sharpness += quality.sharpness;
      const face = await chain.find(image);
      found.boxes.push(face?.box ?? null);
      found.scores.push(face?.score ?? null);
      found.landmarksFound.push(Boolean(face?.landmarks));
      if (face && face.faces > 1) found.framesWithSeveralFaces++;
      await faces.add(face ? await faceJpeg(face.crop) : new Uint8Array(0));
      const points = face?.landmarks ?? none;
      await landmarks.write(new Uint8Array(points.buffer, points.byteOffset, points.byteLength));
    },
    async end(): Promise<FramesFound> {
      await frames.close();
      await faces.close();
      await landmarks.close();
      const count = Math.max(1, found.boxes.length);
      return {
        ...found,
        brightness: found.brightness / count,
        contrast: found.contrast / count,
        sharpness: found.sharpness / count,
      };
    },
  };
}

function faceJpeg(crop: Uint8Array): Promise<Buffer> {
  return sharp(crop, { raw: { width: CROP_SIZE, height: CROP_SIZE, channels: 3 } })
    .jpeg({ quality: FACE_QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
}
