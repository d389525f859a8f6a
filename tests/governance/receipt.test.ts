import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyOf, parseCheckpointText } from '../../governance/checkpoint.ts';
import { type ExportReceipt, readReceipt, receiptText, signReceipt } from '../../governance/receipt.ts';

const secretOf = (): Uint8Array =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }) as Uint8Array;
const LOG = 'iss-audit-1';
const SECRET = secretOf();
const KEY = keyOf(LOG, SECRET);
const RECEIPT: ExportReceipt = {
  export: '01890000-0000-7000-8000-000000000001',
  grant: '01890000-0000-7000-8000-000000000002',
  holder: 'ada',
  release: '1.0.0+w2',
  state: 'a'.repeat(64),
  content: 'b'.repeat(64),
  manifest: 'c'.repeat(64),
  files: 12,
  bytes: 3456,
  at: '2026-01-02T03:04:05.678Z',
};
const NOTE = signReceipt(RECEIPT, LOG, SECRET);

describe('a receipt', () => {
  test('reads back as what was signed, with the key that signed it', () => {
    expect(readReceipt(NOTE, [KEY])).toEqual({ ok: true, receipt: RECEIPT, key: KEY.id });
  });

  test('changed in any one character proves nothing', () => {
    const text = receiptText(LOG, RECEIPT);
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === 'a' ? 'b' : 'a';
      const read = readReceipt(NOTE.slice(0, i) + other + NOTE.slice(i + 1), [KEY]);
      expect(read.ok, `character ${i}`).toBe(false);
    }
  });

  test('signed by a key that is not known is told from a damaged one', () => {
    const other = secretOf();
    expect(readReceipt(NOTE, [])).toEqual({ ok: false, why: 'UNKNOWN_KEY' });
    expect(readReceipt(NOTE, [keyOf(LOG, other)])).toEqual({ ok: false, why: 'UNKNOWN_KEY' });
    expect(readReceipt(signReceipt(RECEIPT, 'iss-audit-2', other), [KEY])).toEqual({ ok: false, why: 'UNKNOWN_KEY' });
    expect(readReceipt('no note', [KEY])).toEqual({ ok: false, why: 'DAMAGED' });
  });

  test('signed for one log is none of another, even with the same key', () => {
    const foreign = signReceipt(RECEIPT, LOG, SECRET).replaceAll(LOG, 'iss-audit-9');
    expect(readReceipt(foreign, [KEY]).ok).toBe(false);
  });

  test('is never taken for a checkpoint of the log', () => {
    expect(parseCheckpointText(receiptText(LOG, RECEIPT))).toBeNull();
  });

  test('holds no name that would begin a line of its own', () => {
    expect(() => signReceipt({ ...RECEIPT, holder: 'ada\ngrant x' }, LOG, SECRET)).toThrow(RangeError);
  });
});
