import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ModelFileError } from './model-file-error.ts';

/** The two networks of MediaPipe Face Mesh that the chain runs, as the bytes of .tflite files. */
export interface FaceMeshModels {
  readonly detector: Uint8Array;
  readonly mesh: Uint8Array;
}

const PACKAGE = '@mediapipe/face_mesh';
const DATA = 'face_mesh_solution_packed_assets.data';
const LOADER = 'face_mesh_solution_packed_assets_loader.js';

/** SHA-256 of the networks in version 0.4.1657299874 of the package, the one whose results were compared with MediaPipe's. */
export const MODEL_SHA256 = {
  'face_detection_short_range.tflite': '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
  'face_landmark.tflite': 'c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1',
} as const;

type ModelName = keyof typeof MODEL_SHA256;

/**
 * Takes the networks out of npm's @mediapipe/face_mesh (Apache-2.0), which packs all its files into one and lists their
 * places in a script beside it.
 * @param folder the package's folder, if it is not the installed one
 * @throws ModelFileError if a file is missing, cut short, or is not the network that was tested
 */
export function readFaceMeshPackage(folder = installedFolder()): FaceMeshModels {
  const places = readPlaces(join(folder, LOADER));
  const packed = read(join(folder, DATA));
  const cut = (name: ModelName): Uint8Array => {
    const place = places.find(({ filename }) => filename.endsWith(`/${name}`));
    if (place === undefined) throw new ModelFileError(`${LOADER} does not say where ${name} is`);
    if (place.end > packed.length) {
      throw new ModelFileError(`${DATA} is cut short: ${name} ends at byte ${place.end} of ${packed.length}`);
    }
    const bytes = packed.subarray(place.start, place.end);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== MODEL_SHA256[name]) {
      throw new ModelFileError(`${name} in ${DATA} is damaged or of another version: its SHA-256 is ${found}`);
    }
    return bytes;
  };
  return { detector: cut('face_detection_short_range.tflite'), mesh: cut('face_landmark.tflite') };
}

function installedFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/${DATA}`));
  } catch (cause) {
    throw new ModelFileError(`the npm package ${PACKAGE} is not installed`, { cause });
  }
}

function readPlaces(path: string): { filename: string; start: number; end: number }[] {
  const list = /"files": (\[.*?\])/.exec(new TextDecoder().decode(read(path)))?.[1];
  const places: unknown = list === undefined ? undefined : tryJson(list);
  if (!Array.isArray(places) || !places.every(isPlace)) throw new ModelFileError(`${LOADER} has no list of files`);
  return places;
}

function isPlace(value: unknown): value is { filename: string; start: number; end: number } {
  const { filename, start, end } = Object(value) as Record<string, unknown>;
  return typeof filename === 'string' && Number.isInteger(start) && Number.isInteger(end);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ModelFileError(`cannot read ${path}`, { cause });
  }
}
