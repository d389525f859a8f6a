import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AV_CODEC_ID_MOV_TEXT,
  AV_LOG_QUIET,
  type AVCodecID,
  AVMEDIA_TYPE_SUBTITLE,
  type AVPixelFormat,
} from 'node-av/constants';
import { avGetPixFmtName, Dictionary, FormatContext, Frame, Log, Packet, Rational } from 'node-av/lib';
import { type DecodeOptions, decodeRecording } from '../../../pipeline/media/decode.ts';
import type { DecodeEvent } from '../../../pipeline/media/decode-events.ts';
import { addVideoEncoder, check, encodeFrame } from '../../../pipeline/media/process/encoder.mjs';

/** A folder that goes away with the process. */
export const scratch = mkdtempSync(join(tmpdir(), 'iss-media-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Moving coloured bars; the left upper quarter is white, so that a turn can be told. */
export function* drawn(width: number, height: number, count: number): Generator<Uint8Array> {
  for (let number = 0; number < count; number += 1) {
    const rgb = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const white = x < width / 2 && y < height / 2;
        const at = (y * width + x) * 3;
        rgb[at] = white ? 240 : (x + 4 * number) & 127;
        rgb[at + 1] = white ? 240 : (y + 2 * number) & 127;
        rgb[at + 2] = white ? 240 : 60;
      }
    }
    yield rgb;
  }
}

/** A 220 Hz tone, all channels alike. */
export function tone(seconds: number, sampleRate = 44100, channels = 1) {
  const pcm = new Int16Array(Math.round(seconds * sampleRate) * channels);
  for (let i = 0; i < pcm.length; i += 1) {
    pcm[i] = 9000 * Math.sin((2 * Math.PI * 220 * Math.floor(i / channels)) / sampleRate);
  }
  return { sampleRate, channels, pcm };
}

/** A file as no phone of ours makes it: another container or codec, odd sizes, its own times, a text track. Grey pictures, no sound. */
export async function oddRecording(
  out: string,
  shape: {
    container: string;
    codecId: AVCodecID;
    pixelFormat: AVPixelFormat;
    width: number;
    height: number;
    /** Milliseconds of each frame. */
    times: number[];
    options?: Record<string, string>;
    text?: string;
    movflags?: string;
    metadata?: Record<string, string>;
  },
): Promise<void> {
  Log.setLevel(AV_LOG_QUIET);
  const output = new FormatContext();
  check(output.allocOutputContext2(null, shape.container, out), 'make the file');
  const { width, height, codecId, pixelFormat } = shape;
  const video = addVideoEncoder(output, {
    width,
    height,
    codecId,
    pixelFormat,
    timeBase: new Rational(1, 1000),
    frameRate: new Rational(0, 1),
    options: shape.options ?? {},
  });
  const text = shape.text === undefined ? null : output.newStream();
  if (text !== null) {
    text.codecpar.codecType = AVMEDIA_TYPE_SUBTITLE;
    text.codecpar.codecId = AV_CODEC_ID_MOV_TEXT;
    text.timeBase = new Rational(1, 1000);
  }
  if (shape.metadata !== undefined) output.metadata = Dictionary.fromObject(shape.metadata);
  check(await output.openOutput(), `open ${out}`);
  const header = shape.movflags === undefined ? null : Dictionary.fromObject({ movflags: shape.movflags });
  check(output.writeHeaderSync(header), 'write the header');
  const write = (packet: Packet) => {
    // Otherwise the last frame lasts no time, and a reader leaves it out.
    if (packet.duration === 0n) packet.duration = BigInt(Math.round(0.04 / video.stream.timeBase.toDouble()));
    check(output.interleavedWriteFrameSync(packet), 'write');
  };
  for (const [number, time] of shape.times.entries()) {
    using frame = grey(width, height, pixelFormat, number);
    frame.pts = BigInt(time);
    encodeFrame(video, frame, write);
  }
  encodeFrame(video, null, write);
  if (text !== null) {
    const words = Buffer.from(shape.text!);
    using packet = new Packet();
    packet.alloc();
    packet.data = Buffer.concat([Buffer.from([words.length >> 8, words.length & 255]), words]);
    packet.streamIndex = text.index;
    packet.pts = 0n;
    packet.dts = 0n;
    packet.duration = 500n;
    packet.rescaleTs({ num: 1, den: 1000 }, text.timeBase);
    write(packet);
  }
  check(output.writeTrailerSync(), 'finish');
  await output.closeOutput();
  video.context.freeContext();
}

function grey(width: number, height: number, pixelFormat: AVPixelFormat, number: number): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = pixelFormat;
  check(frame.getBuffer(), `a ${avGetPixFmtName(pixelFormat)} frame`);
  for (const [plane, bytes] of (frame.data ?? []).entries()) {
    if (plane === 0) for (let i = 0; i < bytes.length; i += 1) bytes[i] = (i + 3 * number) & 127;
    else bytes.fill(128);
  }
  return frame;
}

/** Everything that a decode says, the sound as its number of values, the pictures kept. */
export async function decoded(source: string | number, options: DecodeOptions = {}) {
  const frames: Extract<DecodeEvent, { kind: 'frame' }>[] = [];
  let values = 0;
  let info: Extract<DecodeEvent, { kind: 'info' }>['info'] | null = null;
  let last: DecodeEvent | null = null;
  for await (const event of decodeRecording(source, options)) {
    if (event.kind === 'frame') frames.push(event);
    if (event.kind === 'audio') values += event.pcm.length;
    if (event.kind === 'info') info = event.info;
    last = event;
  }
  if (last?.kind === 'end') return { info: last.info, frames, values, end: last, failure: null };
  if (last?.kind === 'failure') return { info, frames, values, end: null, failure: last };
  throw new Error('the last event is neither an end nor a failure');
}
