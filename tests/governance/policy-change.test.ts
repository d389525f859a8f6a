import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Actor } from '../../governance/actor.ts';
import { addDays } from '../../governance/calendar.ts';
import { decideModalities } from '../../governance/decide.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import type { Facts } from '../../governance/facts.ts';
import { MODALITIES } from '../../governance/modality.ts';
import { type Policy, policySchema } from '../../governance/policy.ts';
import { loosens, policyChanges } from '../../governance/policy-change.ts';
import { readNewPolicy } from '../../governance/policy-problems.ts';
import { TRAINING_TYPES } from '../../governance/training.ts';
import { USES } from '../../governance/use.ts';
import { account, certificate, facts, NOW, release, researcher } from './a-world.ts';

type Loose = Record<string, never>;

/** The policy with one value replaced, named by its path. */
const having = (path: string, value: unknown, of: Policy = DEFAULT_POLICY): Policy => {
  const copy = structuredClone(of) as unknown as Loose;
  const keys = path.split('.');
  let at: Record<string, unknown> = copy;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[keys.at(-1)!] = value;
  return copy as unknown as Policy;
};
const valueAt = (path: string, of: Policy): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], of);

const course = (key: string, title = key) => ({ key, title, provider: 'P', url: 'https://www.nih.gov/' });
const SAME = 'nothing changes';
/** Every field: a value, a stricter one, a looser one; where neither is looser, both are named so. */
const CELLS: readonly (readonly [path: string, value: unknown, stricter: unknown, looser: unknown])[] = [
  ['timeZone', 'America/New_York', SAME, 'Europe/Berlin'],
  ['timeZone', 'America/New_York', SAME, 'America/Los_Angeles'],
  ...(['labels', 'features', 'biometric', 'identifiable'] as const).flatMap((name) => [
    [`classes.${name}.agreement`, true, SAME, false] as const,
    [`classes.${name}.training`, ['HIPAA'], ['HIPAA', 'GLOBAL_PRIVACY'], []] as const,
    [`classes.${name}.training`, ['HIPAA'], ['HIPAA', 'HIPAA'], ['GLOBAL_PRIVACY', 'HUMAN_SUBJECTS']] as const,
    [`classes.${name}.verifiedBy`, 'ISSUER', SAME, 'SEEN'] as const,
    [`classes.${name}.stewards`, 2, SAME, 1] as const,
    [`classes.${name}.exportByConfirmation`, true, SAME, false] as const,
  ]),
  ...TRAINING_TYPES.flatMap((type) => [
    [`training.${type}.durationMonths`, 24, 23, 25] as const,
    [`training.${type}.courses`, [course('a'), course('b')], [course('a')], [course('a'), course('c')]] as const,
    [
      `training.${type}.courses`,
      [course('a'), course('b')],
      [course('b'), course('a')],
      [course('a', 'Another')],
    ] as const,
    [`training.${type}.title`, 'One', 'Other', SAME] as const,
  ]),
  ['reminderDays', [60], [30], SAME],
  ['certificateMaxBytes', 1_000, 999, 1_001],
  ['agreementGraceDays', 30, 0, 31],
  ['grant.maxMonths', 11, 1, 12],
  ['grant.closeOutDays', 30, 0, 31],
  ['grant.renewalWindowDays', 30, 0, 31],
  ['grant.renewalExtensionDays', 15, 0, 16],
  ['coAuthorYears', 3, 4, 2],
  ['ineligibleCountries', ['KP'], ['KP', 'IR'], []],
  ['ineligibleCountries', ['KP', 'IR'], ['IR', 'KP'], ['IR', 'RU']],
  ['smallCell', 5, 6, 4],
  ['resultGroup', 5, 6, 4],
  ['exceptionHours', 3, 1, 4],
  ['tokenMaxDays', 30, 29, 31],
];

/** Paths of every value of the policy, what is a list counting as one. */
const paths = (of: object, path = ''): string[] =>
  Object.entries(of).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return typeof value === 'object' && !Array.isArray(value) ? paths(value as object, here) : [here];
  });

describe('a change of the policy', () => {
  it.each(CELLS)('of %s from %j: %j is no loosening, %j is one', (path, from, stricter, looser) => {
    const before = having(path, from);
    expect(policyChanges(before, before)).toEqual([]);
    if (stricter !== SAME) expect(loosens(policyChanges(before, having(path, stricter)))).toBe(false);
    if (looser !== SAME) {
      const changes = policyChanges(before, having(path, looser));
      expect(loosens(changes)).toBe(true);
      for (const change of changes) expect(change.path.startsWith(path)).toBe(true);
    }
    // The way back from what is stricter is a loosening, where the two differ in more than order or words.
    if (stricter !== SAME && policyChanges(before, having(path, stricter)).length > 0 && !/title|reminder/.test(path))
      expect(loosens(policyChanges(having(path, stricter), before))).toBe(true);
  });

  it('has a row above for every value of the policy', () => {
    const known = new Set(CELLS.map(([path]) => path));
    const fixed = [
      'version',
      ...['labels', 'features', 'biometric', 'identifiable'].map((name) => `classes.${name}.grant`),
    ];
    expect(paths(DEFAULT_POLICY).filter((path) => !known.has(path) && !fixed.includes(path))).toEqual([]);
    expect(Object.keys(policySchema.shape).sort()).toEqual(Object.keys(DEFAULT_POLICY).sort());
  });

  it('says everything that differs, as it was and as it will be', () => {
    const after = having('smallCell', 3, having('classes.labels.training', ['HIPAA']));
    expect(policyChanges(DEFAULT_POLICY, after)).toEqual([
      { path: 'classes.labels.training.HUMAN_SUBJECTS', before: 'HUMAN_SUBJECTS', after: null, loosens: true },
      { path: 'classes.labels.training.GLOBAL_PRIVACY', before: 'GLOBAL_PRIVACY', after: null, loosens: true },
      {
        path: 'classes.labels.training.INFORMATION_SECURITY',
        before: 'INFORMATION_SECURITY',
        after: null,
        loosens: true,
      },
      { path: 'classes.labels.training.HIPAA', before: null, after: 'HIPAA', loosens: false },
      { path: 'smallCell', before: 5, after: 3, loosens: true },
    ]);
  });

  it('does not become stricter by one value where another is looser', () => {
    const after = having('smallCell', 50, having('training.HIPAA.durationMonths', 25));
    expect(loosens(policyChanges(DEFAULT_POLICY, after))).toBe(true);
  });
});

/** Policies that differ from one another in a few values, some of them past an edge of the facts below. */
const somePolicy: fc.Arbitrary<Policy> = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(...CELLS)
        .chain(([path, ...values]) =>
          fc.constantFrom(...values.filter((one) => one !== SAME)).map((one) => [path, one] as const),
        ),
      fc.tuple(
        fc.constantFrom(...TRAINING_TYPES.map((type) => `training.${type}.durationMonths`)),
        fc.integer({ min: 1, max: 40 }),
      ),
      fc.tuple(fc.constant('ineligibleCountries'), fc.subarray(['US', 'KP', 'DE'])),
      fc.tuple(
        fc.constantFrom('classes.labels.training', 'classes.biometric.training', 'classes.identifiable.training'),
        fc.subarray([...TRAINING_TYPES]),
      ),
    ),
    { maxLength: 4 },
  )
  .map((changes) => changes.reduce((policy, [path, value]) => having(path, value, policy), DEFAULT_POLICY));

const someFacts: fc.Arbitrary<Facts> = fc
  .record({
    account: fc.subarray(['researcher', 'curator'] as const, { minLength: 1 }).map((roles) => account({ roles })),
    institution: fc
      .constantFrom('US', 'DE', 'KP')
      .map((country) => ({ id: 'uni', country, verified: true, suspensions: [] })),
    certificates: fc
      .tuple(
        ...TRAINING_TYPES.map((type) =>
          fc.record({
            type: fc.constant(type),
            completedOn: fc.integer({ min: 1, max: 1_200 }).map((days) => addDays('2025-03-15', -days)),
            expiresOn: fc.constantFrom(null, null, '2025-03-14', '2025-03-15', '2025-12-01'),
            verifiedHow: fc.constantFrom<('SEEN' | 'ISSUER')[]>('SEEN', 'ISSUER'),
          }),
        ),
        fc.integer({ min: 0, max: TRAINING_TYPES.length }),
      )
      .map((all) => {
        const missing = all.at(-1) as number;
        return (all.slice(0, -1) as Partial<Facts['certificates'][number]>[])
          .filter((_, index) => index !== missing)
          .map((one) => certificate(one));
      }),
    agreements: fc.constantFrom('2025-03-14', '2025-03-15', '2025-03-16').map((effectiveOn) => [
      { version: 1, effectiveOn: '2024-01-01', graceDays: 0, editorial: false },
      { version: 2, effectiveOn, graceDays: 0, editorial: false },
    ]),
    exceptions: fc.integer({ min: 1, max: 5 }).map((hours) => [
      {
        id: 'e',
        accountId: 'ada',
        releaseId: 'release-1',
        from: new Date(NOW.getTime() - 1),
        until: new Date(NOW.getTime() - 1 + hours * 3_600_000),
      },
    ]),
  })
  .map((changes) => facts(changes));

const allowed = (actor: Actor, given: Facts, policy: Policy): string[] =>
  USES.flatMap((use) => {
    const decisions = decideModalities(actor, use, release, { ...given, policy }, NOW);
    return MODALITIES.filter((modality) => decisions[modality].allow).map((modality) => `${use} ${modality}`);
  });

describe('for any policies and facts', () => {
  it('nobody gains by a change that loosens nothing', () => {
    let [judged, lost] = [0, 0];
    fc.assert(
      fc.property(somePolicy, somePolicy, fc.boolean(), someFacts, (one, other, merge, given) => {
        // Two policies at random are seldom ordered: half of the time the stricter value of each pair is taken.
        const after = merge
          ? policyChanges(one, other)
              .filter((change) => change.loosens)
              .reduce((policy, { path }) => {
                const [root] = [path.split('.').length > 2 && /training|ineligible/.test(path) ? path : path];
                const list = /^(classes\.\w+\.training|ineligibleCountries|training\.\w+\.courses)/.exec(root)?.[0];
                return having(list ?? path, valueAt(list ?? path, one), policy);
              }, other)
          : other;
        if (loosens(policyChanges(one, after))) return;
        const was = allowed(researcher, given, one);
        const will = allowed(researcher, given, after);
        judged += 1;
        if (will.length < was.length) lost += 1;
        expect(will.filter((cell) => !was.includes(cell))).toEqual([]);
      }),
      { numRuns: 5_000, seed: 17 },
    );
    // The property is worth something: many pairs were judged, and some of them took something away.
    expect(judged).toBeGreaterThan(1_500);
    expect(lost).toBeGreaterThan(20);
  });

  it('somebody gains by some change that loosens, so that the facts reach the edges', () => {
    const gained = new Set<string>();
    fc.assert(
      fc.property(somePolicy, somePolicy, someFacts, (one, other, given) => {
        const was = allowed(researcher, given, one);
        if (allowed(researcher, given, other).some((cell) => !was.includes(cell)))
          for (const { path, loosens: looser } of policyChanges(one, other))
            if (looser) gained.add(path.split('.')[0]!);
      }),
      { numRuns: 3_000, seed: 18 },
    );
    expect([...gained]).toEqual(
      expect.arrayContaining(['classes', 'training', 'ineligibleCountries', 'timeZone', 'exceptionHours']),
    );
  });
});

describe('a policy that is to be set', () => {
  const problems = (path: string, value: unknown) => {
    const read = readNewPolicy(having(path, value));
    return read.ok ? [] : read.problems.map((problem) => problem.path);
  };

  it('is read as it is where nothing is wrong', () => {
    expect(readNewPolicy(DEFAULT_POLICY)).toEqual({ ok: true, policy: DEFAULT_POLICY });
  });

  it.each([
    ['training.HIPAA.durationMonths', 0],
    ['training.HIPAA.durationMonths', -1],
    ['training.HIPAA.durationMonths', undefined],
    ['training.HIPAA.durationMonths', 1.5],
    ['training.HIPAA.durationMonths', 1e9],
    ['exceptionHours', 5],
    ['exceptionHours', 0],
    ['grant.maxMonths', 13],
    ['classes.labels.grant', false],
    ['timeZone', 'Mars/Olympus'],
    ['smallCell', 1],
    ['agreementGraceDays', 400],
    ['reminderDays', [7, 7]],
    ['forEver', true],
    ['tokenMaxDays', 0],
  ])('is refused for %s = %j, and says where', (path, value) => {
    const found = problems(path, value);
    expect(found).toHaveLength(1);
    expect(path.startsWith(found[0]!)).toBe(true);
  });

  it.each([
    ['ineligibleCountries', ['ZZ'], 'ineligibleCountries.0'],
    ['ineligibleCountries', ['KP', 'KP'], 'ineligibleCountries'],
    ['training.HIPAA.courses', [course('a'), course('a')], 'training.HIPAA.courses'],
    ['classes.labels.training', ['HIPAA', 'HIPAA'], 'classes.labels.training'],
  ])('is refused for %s = %j at %s', (path, value, where) => {
    expect(problems(path, value)).toEqual([where]);
  });

  it('names every value, also one that older versions did not have', () => {
    const { tokenMaxDays: _, ...rest } = DEFAULT_POLICY;
    expect(readNewPolicy(rest)).toEqual({ ok: false, problems: [{ path: 'tokenMaxDays', message: 'missing' }] });
  });

  it('is refused whole when it is none at all', () => {
    for (const nonsense of [null, 7, 'policy', [], {}]) expect(readNewPolicy(nonsense).ok).toBe(false);
  });
});
