import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkpointText,
  keyChangeText,
  keyLine,
  keyOf,
  openNote,
  parseCheckpointText,
  parseKeyLine,
  readCheckpoints,
  signNote,
} from '../../governance/checkpoint.ts';

const LOG = 'iss-audit-0a1b2c3d';
const aKey = () => {
  const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
  return { secret, key: keyOf(LOG, secret) };
};
const HEAD = 'ab'.repeat(32);
const AT = '2026-11-22T20:00:00.000Z';
const at = (size: number, log = LOG) => checkpointText({ log, size, head: HEAD, at: AT });
const one = aKey();
const two = aKey();
const three = aKey();

describe('a checkpoint', () => {
  it('is four lines of text, an empty one, and a signature', () => {
    expect(signNote(at(12), LOG, [one.secret])).toMatch(
      /^iss-audit-0a1b2c3d\n12\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\ntime 2026-11-22T20:00:00\.000Z\n\n\u2014 iss-audit-0a1b2c3d [A-Za-z0-9+/]{91}=\n$/,
    );
    expect(parseCheckpointText(at(12))).toEqual({ log: LOG, size: 12, head: HEAD, at: AT });
  });

  it('says where the journal of endings had come, where it is known', () => {
    for (const endings of [
      { line: 7, head: HEAD },
      { line: 0, head: '' },
    ]) {
      const text = checkpointText({ log: LOG, size: 12, head: HEAD, at: AT, endings });
      expect(parseCheckpointText(text)).toEqual({ log: LOG, size: 12, head: HEAD, at: AT, endings });
      for (const other of [text.replace('endings ', 'endings 0'), text.replace('endings', 'ends'), `${text}more\n`])
        expect(parseCheckpointText(other)).toBeNull();
    }
  });

  it('is read in one form only', () => {
    for (const text of [
      '',
      at(12).slice(0, -1),
      `${at(12)}more\n`,
      at(12).replace('\n12\n', '\n012\n'),
      at(12).replace('\n12\n', '\n1e1\n'),
      at(12).replace('s=', 't='),
      at(12).replace('time ', 'Time '),
      at(12).replace(LOG, 'a b'),
    ])
      expect(parseCheckpointText(text), JSON.stringify(text)).toBe(null);
  });

  it('with any one character changed is void', () => {
    const note = signNote(at(12), LOG, [one.secret]);
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom('a', '0', '\n', ' '), (where, character) => {
        fc.pre(note[where] !== character);
        const changed = note.slice(0, where) + character + note.slice(where + 1);
        expect(readCheckpoints([{ name: 'x', note: changed }], [one.key]).checkpoints).toEqual([]);
      }),
    );
  });

  it('of another key, or of no key, proves nothing and is named', () => {
    expect(readCheckpoints([{ name: 'x', note: signNote(at(12), LOG, [two.secret]) }], [one.key])).toEqual({
      checkpoints: [],
      refused: [{ name: 'x', why: 'it is not signed by a key that is trusted' }],
    });
    expect(openNote(`${at(12)}\n`, [one.key])).toBe(null);
    expect(openNote(at(12), [one.key])).toBe(null);
  });
});

describe('a key', () => {
  it('is one line that carries its own check', () => {
    expect(parseKeyLine(keyLine(one.key))).toEqual(one.key);
    const [name, id, bytes] = keyLine(one.key).split('+', 3);
    expect(parseKeyLine(`${name}+${id!.replace(/^./, (c) => (c === '0' ? '1' : '0'))}+${bytes}`)).toBe(null);
    expect(parseKeyLine('')).toBe(null);
  });

  const handOver = (from: typeof one, to: typeof one, size: number) => ({
    name: 'key',
    note: signNote(keyChangeText({ log: LOG, next: to.key, size, at: AT }), LOG, [from.secret, to.secret]),
  });
  const signed = (size: number, by: typeof one) => ({ name: `${size}`, note: signNote(at(size), LOG, [by.secret]) });

  it('hands over to the next, which signs what comes after', () => {
    const files = [
      signed(5, one),
      handOver(two, three, 20),
      handOver(one, two, 10),
      signed(10, one),
      signed(12, two),
      signed(30, three),
    ];
    const { checkpoints, refused } = readCheckpoints(files, [one.key]);
    expect(checkpoints.map(({ size }) => size)).toEqual([5, 10, 12, 30]);
    expect(refused).toEqual([]);
  });

  it('that was handed over signs nothing of later, nor the new one of before', () => {
    const why = 'its key was not in use for a log of this size';
    expect(readCheckpoints([handOver(one, two, 10), signed(12, one), signed(9, two)], [one.key])).toEqual({
      checkpoints: [],
      refused: [
        { name: '12', why },
        { name: '9', why },
      ],
    });
  });

  it('is not handed over by a key that nobody trusts', () => {
    const { checkpoints, refused } = readCheckpoints([handOver(two, three, 10), signed(12, three)], [one.key]);
    expect(checkpoints).toEqual([]);
    expect(refused.map(({ why }) => why)).toEqual([
      'the change of key is not signed by a key that is trusted',
      'it is not signed by a key that is trusted',
    ]);
  });

  it('stays with its own log', () => {
    const other = keyOf('other', one.secret);
    const note = signNote(at(12, LOG), 'other', [one.secret]);
    expect(readCheckpoints([{ name: 'x', note }], [other]).checkpoints).toEqual([]);
  });
});
