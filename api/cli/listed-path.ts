/** Names that mean a device on Windows, whatever their ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * True for a path that stays below its folder on every system and can be shown: plain segments, no `..`, no backslash, colon, control or blank end,
 * no absolute one, at most 1,024 bytes. A server's listing is taken by this alone.
 */
export function isListedPath(path: string): boolean {
  if (path === '' || Buffer.byteLength(path) > 1024) return false;
  return path
    .split('/')
    .every(
      (segment) =>
        segment !== '' &&
        segment !== '.' &&
        segment !== '..' &&
        Buffer.byteLength(segment) <= 255 &&
        !/[\\:*?"<>|\p{C}\u2028\u2029]/u.test(segment) &&
        !/[. ]$/.test(segment) &&
        !DEVICE.test(segment),
    );
}
