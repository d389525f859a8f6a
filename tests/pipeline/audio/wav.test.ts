import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWav, type WavFault, wavFile, wavHeader } from '../../../pipeline/audio/wav.ts';

const good = (): Uint8Array => wavFile(Int16Array.of(1, -2, 32767, -32768), 2, 44_100);

/** A good file with bytes changed. */
function changed(edit: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = good();
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
}

/** The same sound with a WAVE_FORMAT_EXTENSIBLE header. */
function extensible(edit: (view: DataView) => void = () => {}): Uint8Array {
  const plain = good();
  const bytes = new Uint8Array(plain.length + 24);
  bytes.set(plain.subarray(0, 36));
  bytes.set(plain.subarray(36), 60);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, bytes.length - 8, true);
  view.setUint32(16, 40, true);
  view.setUint16(20, 0xfffe, true);
  view.setUint16(36, 22, true);
  view.setUint16(38, 16, true);
  view.setUint32(40, 3, true);
  view.setUint16(44, 1, true);
  bytes.set([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 46);
  edit(view);
  return bytes;
}

describe('a wav file', () => {
  it('has the 44 bytes that every reader knows', () => {
    const text = Buffer.from(wavHeader(2, 2, 44_100)).toString('hex');
    expect(text).toBe(
      [
        '52494646',
        '2c000000',
        '57415645',
        '666d7420',
        '10000000',
        '01000200',
        '44ac0000',
        '10b10200',
        '04001000',
        '64617461',
        '08000000',
      ].join(''),
    );
  });

  it('comes back as it was written, for any samples, channels and rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 192_000 }),
        fc.int16Array({ maxLength: 200 }),
        (channels, sampleRate, any) => {
          const pcm = any.slice(0, any.length - (any.length % channels));
          expect(readWav(wavFile(pcm, channels, sampleRate))).toEqual({ ok: true, wav: { channels, sampleRate, pcm } });
        },
      ),
    );
  });

  it('refuses numbers that make no file', () => {
    expect(() => wavHeader(1.5, 1, 44_100)).toThrow('A wav cannot have 1.5 samples.');
    expect(() => wavHeader(1, 0, 44_100)).toThrow('A wav cannot have 0 channels.');
    expect(() => wavHeader(1, 1, 0)).toThrow('A wav cannot have 0 samples a second.');
    expect(() => wavHeader(2 ** 31, 1, 44_100)).toThrow("4294967296 bytes of sound do not fit into a wav's 4 GiB.");
  });
});

describe('reading a wav', () => {
  const pcm = Int16Array.of(1, -2, 32767, -32768);
  const wav = { channels: 2, sampleRate: 44_100, pcm };

  it('takes an extensible header', () => {
    expect(readWav(extensible())).toEqual({ ok: true, wav });
    expect(readWav(extensible((view) => view.setUint16(38, 0, true)))).toEqual({ ok: true, wav });
  });

  it('passes over other chunks, odd ones with their padding, and what follows the sound', () => {
    const plain = good();
    const list = [...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0];
    expect(readWav(Uint8Array.from([...plain.subarray(0, 12), ...list, ...plain.subarray(12), ...list]))).toEqual({
      ok: true,
      wav,
    });
  });

  it('reads a view that begins anywhere in its buffer', () => {
    const shifted = new Uint8Array(good().length + 1);
    shifted.set(good(), 1);
    expect(readWav(shifted.subarray(1))).toEqual({ ok: true, wav });
  });

  const refused: [string, Uint8Array, WavFault, string][] = [
    ['nothing', new Uint8Array(0), 'NOT_A_WAV', 'The file is empty.'],
    ['two bytes', Uint8Array.of(82, 73), 'NOT_A_WAV', 'does not begin with "RIFF"'],
    ['an MP4', Buffer.from('\0\0\0 ftypisom'), 'NOT_A_WAV', 'does not begin with "RIFF"'],
    ['a big-endian file', changed((_, b) => b.set(Buffer.from('RIFX'))), 'UNSUPPORTED_CONTAINER', 'big-endian'],
    ['an RF64', changed((_, b) => b.set(Buffer.from('RF64'))), 'UNSUPPORTED_CONTAINER', 'more than 4 GiB (RF64)'],
    ['an AVI', changed((_, b) => b.set(Buffer.from('AVI '), 8)), 'NOT_A_WAV', 'of the kind "AVI "'],
    ['half of the first header', good().subarray(0, 10), 'TRUNCATED', 'ends at byte 10'],
    ['half of a chunk header', good().subarray(0, 40), 'TRUNCATED', "ends at byte 40, inside a chunk's header"],
    [
      'half of the sound',
      good().subarray(0, 48),
      'TRUNCATED',
      '"data" chunk at byte 36 should have 8 bytes, but 4 are there',
    ],
    ['only a header', good().subarray(0, 36), 'NO_DATA', 'no "data" chunk'],
    ['no chunk', good().subarray(0, 12), 'NO_FORMAT', 'neither a "fmt " nor a "data" chunk'],
    [
      'sound before the format',
      Uint8Array.from([...good().subarray(0, 12), ...good().subarray(36)]),
      'NO_FORMAT',
      'before any "fmt "',
    ],
    ['a short format', changed((v) => v.setUint32(16, 14, true)), 'BAD_FORMAT', '14 bytes; at least 16'],
    [
      'two formats',
      Uint8Array.from([...good().subarray(0, 36), ...good().subarray(12)]),
      'BAD_FORMAT',
      'A second "fmt " chunk follows at byte 36',
    ],
    ['a stream cut off', changed((v) => v.setUint32(40, 0xffffffff, true)), 'UNFINISHED_HEADER', 'placeholder'],
    ['a recording never closed', changed((v) => v.setUint32(40, 0, true)), 'UNFINISHED_HEADER', 'placeholder'],
    ['floating point', changed((v) => v.setUint16(20, 3, true)), 'UNSUPPORTED_ENCODING', 'stored as floating point'],
    ['an encoding without a name', changed((v) => v.setUint16(20, 999, true)), 'UNSUPPORTED_ENCODING', 'encoding 999'],
    ['24 bits', changed((v) => v.setUint16(34, 24, true)), 'UNSUPPORTED_BITS', 'Samples have 24 bits'],
    ['no channel', changed((v) => v.setUint16(22, 0, true)), 'BAD_FORMAT', '0 channels'],
    ['no rate', changed((v) => v.setUint32(24, 0, true)), 'BAD_FORMAT', '0 samples a second'],
    [
      'a wrong frame size',
      changed((v) => v.setUint16(32, 2, true)),
      'BAD_FORMAT',
      '2 bytes a frame, but 2 16-bit channels make 4',
    ],
    [
      'a wrong byte rate',
      changed((v) => v.setUint32(28, 7, true)),
      'BAD_FORMAT',
      '7 bytes a second, but 44100 frames of 4 make 176400',
    ],
    ['part of a frame', changed((v) => v.setUint32(40, 6, true)), 'PARTIAL_FRAME', '6 bytes of sound'],
    [
      'an extensible header too short',
      extensible((v) => v.setUint32(16, 18, true)),
      'BAD_FORMAT',
      'needs 40 bytes; this one has 18',
    ],
    [
      'extensible floating point',
      extensible((v) => v.setUint16(44, 3, true)),
      'UNSUPPORTED_ENCODING',
      'floating point',
    ],
    [
      'an unknown GUID',
      extensible((v) => v.setUint16(50, 9, true)),
      'UNSUPPORTED_ENCODING',
      'names an unknown encoding',
    ],
    ['12 of 16 bits', extensible((v) => v.setUint16(38, 12, true)), 'UNSUPPORTED_BITS', 'Only 12 of 16 bits'],
  ];

  it.each(refused)('refuses %s and says why', (_, bytes, code, words) => {
    const reading = readWav(bytes);
    expect(reading).toEqual({ ok: false, code, message: expect.stringContaining(words) });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (tail) => {
        readWav(Uint8Array.from([...good().subarray(0, 12), ...tail]));
        readWav(tail);
      }),
    );
  });
});
