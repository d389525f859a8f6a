// The program of a rewrite process: reads the recording behind descriptor 3, writes its released copy to descriptor 4, reports on
// descriptor 1. Argument: its limits as JSON.
import { AV_LOG_ERROR, AVERROR_EOF } from 'node-av/constants';
import { Dictionary, FFmpegError, Log, Packet } from 'node-av/lib';
import { copySound, copyVideo, isCopyableSound, isCopyableVideo } from './copy-track.mjs';
import { encodeSound, encodeVideoTrack } from './encode-track.mjs';
import { chooseStreams, openInput } from './input.mjs';
import { Refusal, reportRefusals, send } from './messages.mjs';
import { openOutput } from './output.mjs';

const INPUT = 3;
const OUTPUT = 4;
const PROGRESS_PACKETS = 64;
// Room kept at the front of the copy for its index, so that a player can start before it has the whole file: enough for an entry of each
// table of ISO/IEC 14496-12 a packet, and for more packets a second where a track is encoded anew.
const INDEX_HEADERS = 4096;
const INDEX_BYTES = 40;
const MORE_PACKETS = 100;

/** @typedef {import('../limits.ts').MediaLimits} Limits */

reportRefusals(() => {
  Log.setLevel(AV_LOG_ERROR);
  rewrite(/** @type {Limits} */ (JSON.parse(process.argv[2] ?? '{}')));
});

/** @param {Limits} limits */
function rewrite(limits) {
  const packets = countPackets(limits);
  const input = openInput(INPUT, limits);
  const { video, audio } = chooseStreams(input.context);
  if (video === null && limits.requireVideo)
    throw new Refusal('NO_VIDEO', 'The file has no video track that can be released.');
  const output = openOutput(OUTPUT);
  /** @param {Packet} packet */
  const write = (packet) => {
    FFmpegError.throwIfError(output.context.interleavedWriteFrameSync(packet), 'write the released copy');
  };
  const boxed = /^(mov|matroska)/.test(input.container);
  const copiesVideo = video !== null && boxed && isCopyableVideo(video.stream, video.codec);
  const heard = audio !== null && audio.stream.codecpar.sampleRate > 0;
  const copiesSound = heard && boxed && isCopyableSound(audio.codec);
  const picture =
    video === null
      ? null
      : copiesVideo
        ? copyVideo(video.stream, output.context, write)
        : encodeVideoTrack(video.stream, output.context, limits, write);
  const sound = !heard
    ? null
    : copiesSound
      ? copySound(audio.stream, output.context, write)
      : encodeSound(audio.stream, output.context, limits, write);

  const headers = input.context.streams.reduce((sum, stream) => sum + stream.codecpar.extradataSize, 0);
  const copies = (picture === null || copiesVideo) && (sound === null || copiesSound);
  const more = copies ? 0 : Math.ceil((input.seconds ?? limits.maxSeconds) * MORE_PACKETS);
  const room = INDEX_HEADERS + headers + INDEX_BYTES * (packets + more);
  const options = Dictionary.fromObject({ moov_size: room });
  FFmpegError.throwIfError(output.context.writeHeaderSync(options), 'begin the released copy');
  const packet = new Packet();
  packet.alloc();
  let code = 0;
  for (let packets = 1; ; packets += 1) {
    code = input.context.readFrameSync(packet);
    if (code < 0) break;
    if (packet.streamIndex === video?.stream.index) picture?.add(packet);
    else if (packet.streamIndex === audio?.stream.index) sound?.add(packet);
    packet.unref();
    if (packets % PROGRESS_PACKETS === 0) send({ kind: 'progress' });
  }
  if (code !== AVERROR_EOF)
    throw new Refusal('DAMAGED', `The recording cannot be read to its end: ${FFmpegError.strerror(code)}.`);
  picture?.end();
  sound?.end();
  FFmpegError.throwIfError(output.context.writeTrailerSync(), 'finish the released copy');
  output.io.flushSync();
  send({
    kind: 'written',
    video: picture === null ? 'none' : copiesVideo ? 'copied' : 'encoded',
    audio: sound === null ? 'none' : copiesSound ? 'copied' : 'encoded',
  });
  output.io.freeContext();
  input.close();
}

/**
 * @param {Limits} limits
 */
function countPackets(limits) {
  const { context, close } = openInput(INPUT, limits);
  const packet = new Packet();
  packet.alloc();
  let packets = 0;
  while (context.readFrameSync(packet) >= 0) {
    packets += 1;
    packet.unref();
    if (packets % PROGRESS_PACKETS === 0) send({ kind: 'progress' });
  }
  close();
  return packets;
}
