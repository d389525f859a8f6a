import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createFaceChain } from '../../pipeline/faces/face-chain.ts';
import { drawFace } from '../pipeline/faces/drawn-face.ts';

/** Where a process is told to measure instead of the caller, it finds the frame's size here. */
const SIZE_VARIABLE = 'ISS_BENCH_FACES';
const WARM_UP_FRAMES = 40;
const SECONDS = 1;

interface Measurement {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

/** Frames a second of the whole face chain (detector, mesh, crop, mesh on the crop) on drawn faces; about seven seconds on a free machine. */
export async function benchFaces(): Promise<Measurement[]> {
  const before = performance.now();
  await (await createFaceChain()).close();
  const start = performance.now() - before;
  const results: Measurement[] = [
    { what: 'face chain: read, convert and open the networks', unit: 'ms', value: start },
  ];
  for (const [width, height] of [
    [240, 320],
    [512, 512],
  ] as const) {
    const what = `face chain: ${width} x ${height}`;
    results.push({ what: `${what}, one process`, unit: 'frames/s', value: await framesPerSecond(width, height) });
    const both = await Promise.all([inProcess(width, height), inProcess(width, height)]);
    results.push({ what: `${what}, two processes`, unit: 'frames/s', value: both[0] + both[1] });
  }
  return results;
}

async function framesPerSecond(width: number, height: number): Promise<number> {
  const chain = await createFaceChain();
  // Half the frame's width, as in a video taken at arm's length.
  const frame = await drawFace({ width, height, size: width / 2 });
  const find = async () => {
    if ((await chain.find(frame))?.landmarks == null) throw new Error('the drawn face was not found');
  };
  for (let i = 0; i < WARM_UP_FRAMES; i++) await find();
  const start = performance.now();
  let frames = 0;
  for (; performance.now() - start < SECONDS * 1000; frames++) await find();
  const rate = (1000 * frames) / (performance.now() - start);
  await chain.close();
  return rate;
}

async function inProcess(width: number, height: number): Promise<number> {
  const child = fork(import.meta.filename, { env: { ...process.env, [SIZE_VARIABLE]: `${width}x${height}` } });
  const exit = once(child, 'exit');
  const message: unknown[] = await Promise.race([once(child, 'message'), exit]);
  await exit;
  if (child.exitCode !== 0) throw new Error(`a measuring process ended with ${child.exitCode}`);
  return Number(message[0]);
}

const size = process.send === undefined ? undefined : process.env[SIZE_VARIABLE];
if (size !== undefined) {
  const [width, height] = size.split('x').map(Number);
  process.send!(await framesPerSecond(width!, height!));
}
