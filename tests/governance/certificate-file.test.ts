import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { demoCertificate } from '../../api/services/demo/demo-certificate.ts';
import { wholeCertificateFile } from '../../governance/certificate-file.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const picture = () => sharp({ create: { width: 40, height: 30, channels: 3, background: '#246' } });
const PDF = demoCertificate('ada', 'HIPAA');
const png = () => picture().png().toBuffer();
const jpeg = () => picture().jpeg().toBuffer();
const progressive = () => picture().jpeg({ progressive: true }).toBuffer();
/** A JPEG with a thumbnail, itself a whole JPEG, in its APP1 segment. */
const withThumbnail = async () => {
  const [outer, inner] = [await jpeg(), await jpeg()];
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, (inner.length + 2) >> 8, (inner.length + 2) & 0xff]), inner]);
  return Buffer.concat([outer.subarray(0, 2), segment, outer.subarray(2)]);
};

describe('a whole file', () => {
  it('is a PDF, PNG or JPEG of any making', async () => {
    expect(wholeCertificateFile(PDF)).toBe('application/pdf');
    expect(wholeCertificateFile(await png())).toBe('image/png');
    expect(wholeCertificateFile(await picture().png({ palette: true, progressive: true }).toBuffer())).toBe(
      'image/png',
    );
    for (const file of [await jpeg(), await progressive(), await withThumbnail()])
      expect(wholeCertificateFile(file)).toBe('image/jpeg');
  });

  it('may carry more behind its end: what a script would read there is never served as a script', async () => {
    const tail = Buffer.from('<script>alert(1)</script>PK\x03\x04');
    expect(wholeCertificateFile(Buffer.concat([await png(), tail]))).toBe('image/png');
    expect(wholeCertificateFile(Buffer.concat([await jpeg(), tail]))).toBe('image/jpeg');
    expect(wholeCertificateFile(Buffer.concat([PDF, tail]))).toBe('application/pdf');
  });
});

describe('no whole file', () => {
  it('is what was cut off anywhere', async () => {
    for (const file of [await png(), await jpeg(), await progressive(), await withThumbnail()]) {
      for (let length = 0; length < file.length; length++) {
        if (wholeCertificateFile(file.subarray(0, length)) !== null)
          throw new Error(`cut at ${length} of ${file.length}`);
      }
      expect(wholeCertificateFile(file)).not.toBeNull();
    }
    for (let length = 0; length < PDF.length - 5; length++)
      expect(wholeCertificateFile(PDF.subarray(0, length))).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['HTML', '<html><script>alert(1)</script>'],
    ['HTML that names a PDF', '<!-- %PDF-1.4 %%EOF -->'],
    ['SVG with a script', '<svg xmlns="x"><script/></svg>'],
    ['a GIF', 'GIF89a\x01\x00\x01\x00\x00\x00\x00;'],
    ['an archive', 'PK\x03\x04'],
    ['a PDF behind a space', ' %PDF-1.4 %%EOF'],
    ['the beginning of a PDF and no end', `%PDF-1.4\n%%EOF${' '.repeat(2000)}`],
    ['a PDF of nothing but a head', '%PDF-'],
    ['the signature of a PNG and an end', '\x89PNG\r\n\x1a\nIEND'],
    ['a JPEG of nothing but its ends', '\xff\xd8\xff\xd9'],
    ['a JPEG with a segment of no length', '\xff\xd8\xff\xe0\x00\x00\xff\xd9'],
    ['a JPEG with a segment beyond the end', '\xff\xd8\xff\xe0\xff\xff\xff\xd9'],
  ])('is %s', (_, text) => {
    expect(wholeCertificateFile(bytes(text))).toBeNull();
  });

  it('is a PNG whose chunk says that it is longer than there is', async () => {
    const file = Buffer.from(await png());
    file.writeUInt32BE(0xffffffff, file.indexOf('IDAT') - 4);
    expect(wholeCertificateFile(file)).toBeNull();
  });

  it('is a picture of no size, or of one that takes all memory', async () => {
    const sized = async (width: number, height: number) => {
      const file = Buffer.from(await png());
      file.writeUInt32BE(width, 16);
      file.writeUInt32BE(height, 20);
      return wholeCertificateFile(file);
    };
    expect(await sized(0, 10)).toBeNull();
    expect(await sized(65_535, 65_535)).toBeNull();
    expect(await sized(0xffffffff, 0xffffffff)).toBeNull();
    expect(await sized(10_000, 5_000)).toBe('image/png');
    const broad = Buffer.from(await jpeg());
    const frame = broad.indexOf(Buffer.from([0xff, 0xc0]));
    broad.writeUInt16BE(65_535, frame + 5);
    broad.writeUInt16BE(65_535, frame + 7);
    expect(wholeCertificateFile(broad)).toBeNull();
  });

  it('keeps nobody waiting, whatever its bytes', () => {
    const fill = Buffer.alloc(10 * 2 ** 20, 0xff);
    fill.set([0xff, 0xd8, 0xff]);
    const started = performance.now();
    expect(wholeCertificateFile(fill)).toBeNull();
    const restarts = Buffer.alloc(10 * 2 ** 20);
    for (let at = 0; at < restarts.length; at += 2) restarts.writeUInt16BE(0xffd0, at);
    restarts.set([0xff, 0xd8, 0xff]);
    expect(wholeCertificateFile(restarts)).toBeNull();
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
