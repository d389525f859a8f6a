import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChainEntry, type ChainProblem, entryHash, linkHash, verifyChain } from '../../governance/audit.ts';
import { canonicalText, type Json, sha256 } from '../../governance/canonical.ts';

const chain = (size: number): ChainEntry[] => {
  let link = '';
  return Array.from({ length: size }, (_, index) => {
    const text = canonicalText({ action: 'READ', number: index + 1 });
    const hash = entryHash(text);
    link = linkHash(link, hash);
    return { position: index + 1, text, hash, link };
  });
};

const forged = (entry: ChainEntry): ChainEntry => {
  const text = entry.text.replace('READ', 'NONE');
  return { ...entry, text, hash: entryHash(text) };
};

const problems = (entries: readonly ChainEntry[], checkpoints = [] as { size: number; head: string }[]) =>
  verifyChain(entries, checkpoints).problems;

describe('canonical text (RFC 8785)', () => {
  it('sorts members by UTF-16 code units and writes numbers and strings as ECMAScript does', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, ö: 7 };
    expect(canonicalText(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
    expect(canonicalText([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });

  it('leaves out what is undefined, and refuses what JSON cannot hold', () => {
    expect(canonicalText({ b: undefined, a: null })).toBe('{"a":null}');
    expect(() => canonicalText(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalText({ a: '\ud800' })).toThrow(TypeError);
    expect(() => canonicalText({ '\udc00': 1 })).toThrow(TypeError);
  });

  it('is the same for the same value in any order of members, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalText(value as Json);
        expect(canonicalText(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });

  it('hashes UTF-8 with SHA-256', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('the log', () => {
  it('is whole when nothing was done to it, and its head is the last link', () => {
    const log = chain(20);
    expect(verifyChain(log, [{ size: 20, head: log[19]!.link }])).toEqual({
      whole: true,
      entries: 20,
      head: log[19]!.link,
      problems: [],
    });
    expect(verifyChain([])).toEqual({ whole: true, entries: 0, head: '', problems: [] });
  });

  const cases: readonly [string, (log: ChainEntry[]) => readonly ChainEntry[], readonly ChainProblem[]][] = [
    [
      'a text was changed',
      (log) => log.with(6, { ...log[6]!, text: '{}' }),
      [{ kind: 'ALTERED', position: 7, text: true }],
    ],
    [
      'a text was changed together with its hash',
      (log) => log.with(6, forged(log[6]!)),
      [{ kind: 'ALTERED', position: 7, text: false }],
    ],
    ['an entry was removed', (log) => log.toSpliced(6, 1), [{ kind: 'REMOVED', from: 7, to: 7 }]],
    ['the first entries were removed', (log) => log.slice(2), [{ kind: 'REMOVED', from: 1, to: 2 }]],
    ['three entries were removed', (log) => log.toSpliced(6, 3), [{ kind: 'REMOVED', from: 7, to: 9 }]],
    [
      'an entry was put in and the others moved up',
      (log) => [
        ...log.slice(0, 6),
        { ...forged(log[0]!), position: 7, link: sha256('made up') },
        ...log.slice(6).map((entry) => ({ ...entry, position: entry.position + 1 })),
      ],
      [{ kind: 'INSERTED', position: 7 }],
    ],
    [
      'two neighbours changed places',
      (log) => log.with(6, { ...log[7]!, position: 7 }).with(7, { ...log[6]!, position: 8 }),
      [
        { kind: 'REORDERED', position: 7 },
        { kind: 'REORDERED', position: 9 },
      ],
    ],
    [
      'an entry was moved to the end',
      (log) =>
        [...log.slice(0, 2), ...log.slice(3), log[2]!].map((entry, index) => ({ ...entry, position: index + 1 })),
      [
        { kind: 'REORDERED', position: 4 },
        { kind: 'REORDERED', position: 20 },
      ],
    ],
  ];

  it.each(cases)('names what was done when %s', (_, tamper, expected) => {
    const found = problems(tamper(chain(20)));
    expect(found.length).toBeGreaterThan(0);
    // What was moved may be named with the neighbour that lost it; what was changed, removed or put in is exact.
    const kinds = new Set(expected.map(({ kind }) => kind));
    if (kinds.has('REORDERED')) expect(new Set(found.map(({ kind }) => kind))).toEqual(kinds);
    else expect(found).toEqual(expected);
  });

  it('that was written anew from one entry on is found by the checkpoint', () => {
    const log = chain(20);
    let link = log[4]!.link;
    const anew = log.map((entry, index) => {
      if (index < 5) return entry;
      const changed = index === 5 ? forged(entry) : entry;
      link = linkHash(link, changed.hash);
      return { ...changed, link };
    });
    expect(problems(anew)).toEqual([]);
    expect(problems(anew, [{ size: 5, head: log[4]!.link }])).toEqual([]);
    expect(problems(anew, [{ size: 15, head: log[14]!.link }])).toEqual([{ kind: 'CHECKPOINT', size: 15 }]);
  });

  it('that was cut short is found by the checkpoint', () => {
    const log = chain(20);
    expect(problems(log.slice(0, 12), [{ size: 15, head: log[14]!.link }])).toEqual([
      { kind: 'REMOVED', from: 13, to: 15 },
    ]);
  });

  it('is never called whole after any single change', () => {
    const log = chain(12);
    const checkpoint = [{ size: 12, head: log[11]!.link }];
    fc.assert(
      fc.property(fc.nat(11), fc.nat(11), fc.constantFrom('alter', 'remove', 'copy', 'swap'), (one, other, how) => {
        fc.pre(how !== 'swap' || one !== other);
        const tampered =
          how === 'alter'
            ? log.with(one, forged(log[one]!))
            : how === 'remove'
              ? log.toSpliced(one, 1)
              : how === 'copy'
                ? log.toSpliced(other, 0, log[one]!)
                : log.with(one, log[other]!).with(other, log[one]!);
        expect(verifyChain(tampered, checkpoint).whole).toBe(false);
      }),
    );
  });
});
