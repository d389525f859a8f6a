import { randomUUID } from 'node:crypto';
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
  const text = entry.text!.replace('READ', 'NONE');
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
      proved: 20,
      problems: [],
      more: 0,
    });
    expect(verifyChain([])).toEqual({ whole: true, entries: 0, head: '', proved: 0, problems: [], more: 0 });
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
      [{ kind: 'REORDERED', position: 7, was: 8 }],
    ],
    [
      'two far apart changed places',
      (log) => log.with(3, { ...log[14]!, position: 4 }).with(14, { ...log[3]!, position: 15 }),
      [
        { kind: 'REORDERED', position: 4, was: 15 },
        { kind: 'REORDERED', position: 15, was: 4 },
      ],
    ],
    [
      'two changed places and their links did not',
      (log) =>
        log
          .with(3, { ...log[3]!, text: log[14]!.text, hash: log[14]!.hash })
          .with(14, { ...log[14]!, text: log[3]!.text, hash: log[3]!.hash }),
      [
        { kind: 'REORDERED', position: 4, was: 15 },
        { kind: 'REORDERED', position: 15, was: 4 },
      ],
    ],
    [
      'an entry was moved to the end',
      (log) =>
        [...log.slice(0, 2), ...log.slice(3), log[2]!].map((entry, index) => ({ ...entry, position: index + 1 })),
      [{ kind: 'REORDERED', position: 20, was: 3 }],
    ],
    [
      'an entry was moved to the end and its place left empty',
      (log) => [...log.slice(0, 2), ...log.slice(3), { ...log[2]!, position: 21 }],
      [{ kind: 'REORDERED', position: 21, was: 3 }],
    ],
    [
      'an entry was removed and its link left',
      (log) => log.with(6, { ...log[6]!, text: null, hash: null }).with(7, { ...log[7]!, text: null, hash: null }),
      [{ kind: 'REMOVED', from: 7, to: 8 }],
    ],
    [
      'a text behind one that is gone was changed with its hash',
      (log) => log.with(6, { ...log[6]!, text: null, hash: null }).with(7, forged(log[7]!)),
      [
        { kind: 'REMOVED', from: 7, to: 7 },
        { kind: 'ALTERED', position: 8, text: false },
      ],
    ],
    [
      'entries were put in, each linked to the one before as it should be',
      (log) => {
        let { link } = log[9]!;
        const put = Array.from({ length: 3 }, () => {
          const { text, hash } = forged(log[0]!);
          link = linkHash(link, hash!);
          return { position: 0, text, hash, link };
        });
        return log.toSpliced(10, 0, ...put).map((entry, index) => ({ ...entry, position: index + 1 }));
      },
      [11, 12, 13].map((position) => ({ kind: 'INSERTED', position })),
    ],
    [
      'a copy of an entry was put in',
      (log) => log.toSpliced(15, 0, log[2]!).map((entry, index) => ({ ...entry, position: index + 1 })),
      [{ kind: 'INSERTED', position: 16 }],
    ],
    [
      'several things were done to it',
      (log) =>
        log
          .with(2, { ...log[2]!, text: '{}' })
          .with(5, forged(log[5]!))
          .toSpliced(9, 2)
          .with(12, { ...log[16]!, position: 15 })
          .with(14, { ...log[14]!, position: 17 }),
      [
        { kind: 'ALTERED', position: 3, text: true },
        { kind: 'ALTERED', position: 6, text: false },
        { kind: 'REMOVED', from: 10, to: 11 },
        { kind: 'REORDERED', position: 15, was: 17 },
        { kind: 'REORDERED', position: 17, was: 15 },
      ],
    ],
  ];

  it.each(cases)('names what was done when %s', (_, tamper, expected) => {
    expect(problems(tamper(chain(20)))).toEqual(expected);
  });

  it('from which one was taken and the rest moved up is broken there, and the checkpoint says that one is missing', () => {
    const log = chain(20);
    const moved = log.toSpliced(6, 1).map((entry, index) => ({ ...entry, position: index + 1 }));
    expect(
      problems(
        moved,
        [4, 10, 20].map((size) => ({ size, head: log[size - 1]!.link })),
      ),
    ).toEqual([
      { kind: 'ALTERED', position: 7, text: false },
      { kind: 'CHECKPOINT', size: 10, from: 5, last: 10, standsAt: 9 },
      { kind: 'CHECKPOINT', size: 20, from: 5, last: 20, standsAt: 19 },
    ]);
  });

  it('names each of thousands of altered texts, and counts what is beyond', () => {
    const log = chain(11_000).map((entry) => ({ ...entry, text: '{}' }));
    const report = verifyChain(log);
    expect(report.problems).toHaveLength(10_000);
    expect(report.more).toBe(1_000);
  });

  it('of which every second entry was rewritten is verified in bounded time, all of it named', () => {
    const log = chain(3_000).map((entry, index) => (index % 2 === 1 ? forged(entry) : entry));
    const began = performance.now();
    expect(problems(log)).toEqual(
      Array.from({ length: 1_500 }, (_, index) => ({ kind: 'ALTERED', position: 2 * index + 2, text: false })),
    );
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it('that was written anew from one entry on is found by the checkpoint', () => {
    const log = chain(20);
    let link = log[4]!.link;
    const anew = log.map((entry, index) => {
      if (index < 5) return entry;
      const changed = index === 5 ? forged(entry) : entry;
      link = linkHash(link, changed.hash!);
      return { ...changed, link };
    });
    expect(problems(anew)).toEqual([]);
    expect(problems(anew, [{ size: 5, head: log[4]!.link }])).toEqual([]);
    expect(problems(anew, [{ size: 15, head: log[14]!.link }])).toEqual([
      { kind: 'CHECKPOINT', size: 15, from: 1, last: 15, standsAt: null },
    ]);
  });

  it('that was written anew is said to be other than signed between the last head that it has and the first that it has not', () => {
    const log = chain(20);
    let link = log[7]!.link;
    const anew = log.map((entry, index) => {
      if (index < 8) return entry;
      const changed = index === 8 ? forged(entry) : entry;
      link = linkHash(link, changed.hash!);
      return { ...changed, link };
    });
    const report = verifyChain(
      anew,
      [5, 15, 18, 20].map((size) => ({ size, head: log[size - 1]!.link })),
    );
    expect(report.problems).toEqual([{ kind: 'CHECKPOINT', size: 15, from: 6, last: 20, standsAt: null }]);
    expect(report.proved).toBe(5);
  });

  it('cannot have two heads of one size', () => {
    const log = chain(5);
    expect(
      problems(log, [
        { size: 5, head: log[4]!.link },
        { size: 5, head: sha256(randomUUID()) },
      ]),
    ).toEqual([{ kind: 'CHECKPOINT', size: 5, from: 1, last: 5, standsAt: null }]);
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
