/** RIFF/WAVE with 16-bit PCM (Microsoft's "Multimedia Programming Interface and Data Specifications 1.0", WAVEFORMATEXTENSIBLE). */

export interface Wav {
  readonly channels: number;
  /** Hz. */
  readonly sampleRate: number;
  /** Interleaved; a copy. */
  readonly pcm: Int16Array;
}

export type WavFault =
  | 'NOT_A_WAV'
  | 'UNSUPPORTED_CONTAINER'
  | 'TRUNCATED'
  | 'UNFINISHED_HEADER'
  | 'NO_FORMAT'
  | 'BAD_FORMAT'
  | 'UNSUPPORTED_ENCODING'
  | 'UNSUPPORTED_BITS'
  | 'NO_DATA'
  | 'PARTIAL_FRAME';

/** `message` is a whole sentence that names what is wrong and where. */
export type WavReading =
  | { readonly ok: true; readonly wav: Wav }
  | { readonly ok: false; readonly code: WavFault; readonly message: string };

export const WAV_HEADER_BYTES = 44;

/**
 * The 44 bytes that make a wav of raw PCM.
 * @param samples samples of each channel
 * @throws RangeError if a number is no positive integer (samples may be 0) or the file would exceed the format's 4 GiB
 */
export function wavHeader(samples: number, channels: number, sampleRate: number): Uint8Array {
  const dataBytes = samples * channels * 2;
  if (!Number.isInteger(samples) || samples < 0) throw new RangeError(`A wav cannot have ${samples} samples.`);
  if (!Number.isInteger(channels) || channels < 1 || channels > 0x7fff)
    throw new RangeError(`A wav cannot have ${channels} channels.`);
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate * channels * 2 > 0xffff_ffff)
    throw new RangeError(`A wav cannot have ${sampleRate} samples a second.`);
  if (dataBytes > 0xffff_fffe - 36) throw new RangeError(`${dataBytes} bytes of sound do not fit into a wav's 4 GiB.`);
  const view = new DataView(new ArrayBuffer(WAV_HEADER_BYTES));
  putTag(view, 0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  putTag(view, 8, 'WAVE');
  putTag(view, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  putTag(view, 36, 'data');
  view.setUint32(40, dataBytes, true);
  return new Uint8Array(view.buffer);
}

/** A whole wav file. @throws RangeError as `wavHeader`, or if the samples are not whole frames of `channels` */
export function wavFile(pcm: Int16Array, channels: number, sampleRate: number): Uint8Array {
  const header = wavHeader(pcm.length / channels, channels, sampleRate);
  const file = new Uint8Array(header.length + pcm.length * 2);
  file.set(header);
  for (let i = 0, o = header.length; i < pcm.length; i++, o += 2) {
    file[o] = pcm[i]! & 0xff;
    file[o + 1] = (pcm[i]! >> 8) & 0xff;
  }
  return file;
}

/** Reads a wav of 16-bit PCM, any rate and number of channels, or says what keeps it from being one. Never throws. */
export function readWav(bytes: Uint8Array): WavReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const container = containerFault(view);
  if (container) return container;

  let format: Format | undefined;
  for (let at = 12; at < bytes.length; ) {
    if (at + 8 > bytes.length)
      return fault('TRUNCATED', `The file ends at byte ${bytes.length}, inside a chunk's header.`);
    const name = tag(view, at);
    const size = view.getUint32(at + 4, true);
    const from = at + 8;
    if (name === 'data' && (size === 0xffff_ffff || (size === 0 && from < bytes.length)))
      return fault(
        'UNFINISHED_HEADER',
        'The header was never completed: its data size is a placeholder, as in a stream that was cut off.',
      );
    if (from + size > bytes.length)
      return fault(
        'TRUNCATED',
        `The "${name}" chunk at byte ${at} should have ${size} bytes, but ${bytes.length - from} are there.`,
      );
    if (name === 'fmt ') {
      if (format) return fault('BAD_FORMAT', `A second "fmt " chunk follows at byte ${at}.`);
      const read = readFormat(view, from, size);
      if ('code' in read) return read;
      format = read;
    } else if (name === 'data') {
      if (!format) return fault('NO_FORMAT', `The sound at byte ${at} comes before any "fmt " chunk.`);
      const { channels, sampleRate } = format;
      if (size % (2 * channels) !== 0)
        return fault('PARTIAL_FRAME', `${size} bytes of sound are not whole frames of ${channels} 16-bit channels.`);
      return { ok: true, wav: { channels, sampleRate, pcm: samples(bytes, from, size) } };
    }
    at = from + size + (size % 2);
  }
  return format
    ? fault('NO_DATA', 'There is no "data" chunk.')
    : fault('NO_FORMAT', 'There is neither a "fmt " nor a "data" chunk.');
}

interface Format {
  readonly channels: number;
  readonly sampleRate: number;
}

type Fault = Extract<WavReading, { ok: false }>;

const fault = (code: WavFault, message: string): Fault => ({ ok: false, code, message });

const PCM = 1;
const EXTENSIBLE = 0xfffe;
const ENCODINGS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  3: 'floating point',
  6: 'A-law',
  7: 'mu-law',
  17: 'IMA ADPCM',
  80: 'MPEG',
  85: 'MP3',
  255: 'AAC',
};
/** What follows the encoding in an extensible format's GUID: xxxxxxxx-0000-0010-8000-00AA00389B71, after its first two bytes. */
const GUID_REST = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

function containerFault(view: DataView): Fault | undefined {
  if (view.byteLength === 0) return fault('NOT_A_WAV', 'The file is empty.');
  const outer = view.byteLength >= 4 ? tag(view, 0) : '';
  if (outer === 'RIFX')
    return fault('UNSUPPORTED_CONTAINER', 'This is a big-endian wav (RIFX); only little-endian ones (RIFF) are read.');
  if (outer === 'RF64' || outer === 'BW64')
    return fault('UNSUPPORTED_CONTAINER', `This is a wav for more than 4 GiB (${outer}); only RIFF is read.`);
  if (outer !== 'RIFF') return fault('NOT_A_WAV', 'The file does not begin with "RIFF", so it is not a wav.');
  if (view.byteLength < 12)
    return fault('TRUNCATED', `The file ends at byte ${view.byteLength}, inside its first header.`);
  if (tag(view, 8) !== 'WAVE')
    return fault('NOT_A_WAV', `This is a RIFF file of the kind "${tag(view, 8)}", not "WAVE".`);
  return undefined;
}

function readFormat(view: DataView, at: number, size: number): Format | Fault {
  if (size < 16) return fault('BAD_FORMAT', `The "fmt " chunk has ${size} bytes; at least 16 are needed.`);
  let encoding = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bytesPerSecond = view.getUint32(at + 8, true);
  const frameBytes = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  if (encoding === EXTENSIBLE) {
    if (size < 40) return fault('BAD_FORMAT', `An extensible "fmt " chunk needs 40 bytes; this one has ${size}.`);
    if (GUID_REST.some((byte, i) => view.getUint8(at + 26 + i) !== byte))
      return fault('UNSUPPORTED_ENCODING', 'The extensible format names an unknown encoding; only 16-bit PCM is read.');
    const valid = view.getUint16(at + 18, true);
    // 0 means that all are.
    if (bits === 16 && valid !== 16 && valid !== 0)
      return fault('UNSUPPORTED_BITS', `Only ${valid} of 16 bits are used; only full 16-bit PCM is read.`);
    encoding = view.getUint16(at + 24, true);
  }
  if (encoding !== PCM) {
    const name = ENCODINGS[encoding] ?? `encoding ${encoding}`;
    return fault('UNSUPPORTED_ENCODING', `The sound is stored as ${name}; only 16-bit PCM is read.`);
  }
  if (bits !== 16) return fault('UNSUPPORTED_BITS', `Samples have ${bits} bits; only 16-bit PCM is read.`);
  if (channels === 0) return fault('BAD_FORMAT', 'The header says 0 channels.');
  if (sampleRate === 0) return fault('BAD_FORMAT', 'The header says 0 samples a second.');
  if (frameBytes !== channels * 2)
    return fault(
      'BAD_FORMAT',
      `The header says ${frameBytes} bytes a frame, but ${channels} 16-bit channels make ${channels * 2}.`,
    );
  if (bytesPerSecond !== sampleRate * frameBytes)
    return fault(
      'BAD_FORMAT',
      `The header says ${bytesPerSecond} bytes a second, but ${sampleRate} frames of ${frameBytes} make ${sampleRate * frameBytes}.`,
    );
  return { channels, sampleRate };
}

/** Byte by byte, so that neither alignment nor the machine's byte order matters. */
function samples(bytes: Uint8Array, from: number, size: number): Int16Array {
  const pcm = new Int16Array(size / 2);
  for (let i = 0, o = from; i < pcm.length; i++, o += 2) pcm[i] = bytes[o]! | (bytes[o + 1]! << 8);
  return pcm;
}

const tag = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

function putTag(view: DataView, at: number, name: string): void {
  for (let i = 0; i < name.length; i++) view.setUint8(at + i, name.charCodeAt(i));
}
