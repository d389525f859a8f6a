/** What a certificate's file may be, told from its content; its name is never trusted. */
export type CertificateFileType = 'application/pdf' | 'image/png' | 'image/jpeg';

const SIGNATURES: readonly (readonly [CertificateFileType, readonly number[]])[] = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
];
/** Pictures beyond this are refused: a few kilobytes can name so many pixels that who looks at them has no memory left. */
const MOST_PIXELS = 50_000_000;
/** Where the end of a PDF is looked for (ISO 32000-1, implementation note 18: readers look at the last 1,024 bytes). */
const PDF_TAIL = 1_024;

/** The type of a file by its first bytes, or null for one that is not accepted. */
export const certificateFileType = (bytes: Uint8Array): CertificateFileType | null =>
  SIGNATURES.find(([, signature]) => signature.every((byte, index) => bytes[index] === byte))?.[0] ?? null;

/**
 * What a file is, when it is whole: of an accepted type, not cut off, no picture of absurd size. What it may hold beside that (a script in a PDF,
 * another file behind its end) is not looked for: nobody is served it but as bytes of this type, in a sandbox.
 */
export const wholeCertificateFile = (bytes: Uint8Array): CertificateFileType | null => {
  const type = certificateFileType(bytes);
  if (type === 'application/pdf') return pdfIsWhole(bytes) ? type : null;
  if (type === 'image/png') return pngIsWhole(bytes) ? type : null;
  return type === 'image/jpeg' && jpegIsWhole(bytes) ? type : null;
};

const nameAt = (bytes: Uint8Array, at: number, name: string): boolean =>
  [...name].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));

const pdfIsWhole = (bytes: Uint8Array): boolean => {
  for (let at = bytes.length - 5; at >= Math.max(5, bytes.length - PDF_TAIL); at--) {
    if (nameAt(bytes, at, '%%EOF')) return true;
  }
  return false;
};

const picture = (width: number, height: number): boolean => width > 0 && height > 0 && width * height <= MOST_PIXELS;

/** Walks the chunks (PNG specification, 5.3): length, name, bytes, checksum; from IHDR over image data to IEND. */
const pngIsWhole = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(8) !== 13 || !nameAt(bytes, 12, 'IHDR')) return false;
  if (!picture(view.getUint32(16), view.getUint32(20))) return false;
  let data = false;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const next = at + 12 + view.getUint32(at);
    if (next > bytes.length) return false;
    if (nameAt(bytes, at + 4, 'IEND')) return data;
    data ||= nameAt(bytes, at + 4, 'IDAT');
    at = next;
  }
  return false;
};

/** Walks the segments (ITU-T T.81, B.1): a frame's header, a scan, and the end after it; one within a thumbnail is not the end. */
const jpegIsWhole = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame = false;
  let scan = false;
  for (let at = 2; at + 1 < bytes.length; ) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) return frame && scan;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    if (at + 4 > bytes.length) return false;
    const next = at + 2 + view.getUint16(at + 2);
    if (next > bytes.length || next < at + 4) return false;
    // Start of frame, of any kind; DHT, JPG and DAC lie among their numbers.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (next < at + 9 || !picture(view.getUint16(at + 7), view.getUint16(at + 5))) return false;
      frame = true;
    }
    at = next;
    if (marker !== 0xda) continue;
    scan = true;
    // The scan's own bytes: until a marker that is neither a stuffed zero nor a restart.
    while (at + 1 < bytes.length && (bytes[at] !== 0xff || bytes[at + 1] === 0 || isRestart(bytes[at + 1]!))) at++;
  }
  return false;
};

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7;
