import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baseOf,
  CHANGES,
  changesTooLarge,
  compareVersions,
  isVersion,
  nextVersion,
  RELEASE_CHANGES,
  type ReleaseChange,
  STEPS,
  type Step,
  stepBetween,
  stepOf,
} from '../../governance/release-version.ts';

const AFTER: Readonly<Record<Step, string>> = { patch: '1.2.4', minor: '1.3.0', major: '2.0.0' };

/** The rules as a person would write them down: which steps each change may go with. Every cell. */
const ALLOWED: Readonly<Record<ReleaseChange, Readonly<Record<Step, boolean>>>> = {
  PATIENTS_ADDED: { patch: false, minor: true, major: true },
  SUBMISSIONS_ADDED: { patch: false, minor: true, major: true },
  FILES_ADDED: { patch: false, minor: true, major: true },
  PATIENTS_REMOVED: { patch: false, minor: false, major: true },
  SUBMISSIONS_REMOVED: { patch: false, minor: false, major: true },
  FILES_REMOVED: { patch: false, minor: false, major: true },
  FILES_CHANGED: { patch: false, minor: false, major: true },
  LABELS_CHANGED: { patch: false, minor: false, major: true },
  FOLDS_CHANGED: { patch: false, minor: false, major: true },
};

const cells = RELEASE_CHANGES.flatMap((change) => STEPS.map((step) => [change, step, ALLOWED[change][step]] as const));

describe('what may change', () => {
  it.each(cells)('%s in a %s step: %s', (change, step, allowed) => {
    expect(changesTooLarge('1.2.3', AFTER[step], [change])).toEqual(allowed ? [] : [change]);
  });

  it('is nothing at all in a patch, and nothing may change in every step', () => {
    for (const step of STEPS) expect(changesTooLarge('1.2.3', AFTER[step], [])).toEqual([]);
    expect(stepOf([])).toBe('patch');
  });

  it('is said in words, each its own', () => {
    expect(new Set(RELEASE_CHANGES.map((change) => CHANGES[change].does)).size).toBe(RELEASE_CHANGES.length);
  });
});

describe('a version', () => {
  it.each([
    ['1.2.3', '1.2.4', 'patch'],
    ['1.2.3', '1.2.10', 'patch'],
    ['1.2.3', '1.3.0', 'minor'],
    ['1.2.3', '1.10.7', 'minor'],
    ['1.2.3', '2.0.0', 'major'],
    ['0.9.0', '1.0.0', 'major'],
    ['1.2.3', '1.2.3', null],
    ['1.2.3', '1.2.2', null],
    ['1.10.0', '1.9.9', null],
    ['2.0.0', '1.9.9', null],
  ] as const)('from %s to %s is a step: %s', (from, to, step) => {
    expect(stepBetween(from, to)).toBe(step);
  });

  it.each([
    ['1.0.0', true],
    ['0.0.0', true],
    ['999999999.0.1', true],
    ['1.0', false],
    ['01.0.0', false],
    ['1.0.0-rc1', false],
    ['1.0.0+w2', false],
    ['1.0.0 ', false],
    ['9999999999.0.0', false],
    ['', false],
    ['1.0.-1', false],
  ])('%j is one: %s', (text, valid) => {
    expect(isVersion(text)).toBe(valid);
  });

  it('follows the highest published one before it, which need not be the newest', () => {
    const published = ['1.0.0', '2.0.0', '1.10.0', '1.9.0'].map((version) => ({ version }));
    expect(baseOf('1.10.1', published)?.version).toBe('1.10.0');
    expect(baseOf('3.0.0', published)?.version).toBe('2.0.0');
    expect(baseOf('1.0.0', published)).toBeNull();
    expect(baseOf('0.1.0', published)).toBeNull();
  });

  it('after another that allows the changes is the next one of that step', () => {
    expect(nextVersion('1.2.3', [])).toBe('1.2.4');
    expect(nextVersion('1.2.3', ['FILES_ADDED'])).toBe('1.3.0');
    expect(nextVersion('1.2.3', ['FILES_ADDED', 'LABELS_CHANGED'])).toBe('2.0.0');
  });
});

const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.'));
const changes = fc.subarray([...RELEASE_CHANGES]);

describe('for any versions and changes', () => {
  it('the next version allows them, and no smaller step does', () => {
    fc.assert(
      fc.property(version, changes, (from, found) => {
        expect(changesTooLarge(from, nextVersion(from, found), found)).toEqual([]);
        const step = STEPS.indexOf(stepOf(found));
        for (const smaller of STEPS.slice(0, step)) {
          const only = RELEASE_CHANGES.filter((change) => CHANGES[change].step === smaller);
          expect(changesTooLarge(from, nextVersion(from, only.slice(0, 1)), found).length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('a larger step allows whatever a smaller one does', () => {
    fc.assert(
      fc.property(changes, (found) => {
        const [patch, minor, major] = STEPS.map((step) => changesTooLarge('1.2.3', AFTER[step], found).length);
        expect(patch).toBeGreaterThanOrEqual(minor!);
        expect(minor).toBeGreaterThanOrEqual(major!);
        expect(major).toBe(0);
      }),
    );
  });

  it('nothing is allowed to a version that is not later', () => {
    fc.assert(
      fc.property(version, version, changes, (from, to, found) => {
        fc.pre(compareVersions(to, from) <= 0);
        expect(changesTooLarge(from, to, found)).toEqual(found);
      }),
    );
  });
});
