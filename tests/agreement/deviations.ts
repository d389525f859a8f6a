import fc from 'fast-check';
import { MODALITIES } from '../../governance/modality.ts';
import type { Role } from '../../governance/roles.ts';
import { TRAINING_TYPES } from '../../governance/training.ts';
import { USES } from '../../governance/use.ts';
import {
  type Consent,
  everything,
  GRANT_NAMES,
  NOW,
  PATIENTS,
  POLICIES,
  type PolicyName,
  usualWorld,
  VERSIONS,
  type World,
} from './world.ts';

/** One thing that is otherwise than usual. A case is a list of them, so that what fast-check shrinks to reads as a story. */
export interface Deviation {
  readonly name: string;
  readonly change: (world: World) => void;
}

const at = (hours: number): string => new Date(Date.parse(NOW) + hours * 3_600_000).toISOString();
const day = (days: number): string => at(days * 24).slice(0, 10);
const one = (name: string, change: (world: World) => void): Deviation => {
  // How fast-check prints it.
  const deviation = { name, change, [fc.toStringMethod]: () => `“${name}”` };
  return deviation;
};

const roles = (...held: Role[]) =>
  one(`roles: ${held.join(' ') || 'none'}`, (world) => {
    world.roles = held;
  });

const ACTOR: Deviation[] = [
  one('a stranger', (world) => {
    world.actor = { signedIn: false, names: null, token: null };
  }),
  ...([...GRANT_NAMES, 'malformed'] as const).map((name) =>
    one(`names the ${name} grant`, (world) => {
      world.actor = { signedIn: true, names: name, token: null };
    }),
  ),
  ...GRANT_NAMES.map((name) =>
    one(`comes with a token of the ${name} grant`, (world) => {
      world.actor = { signedIn: true, names: null, token: name };
    }),
  ),
  one('names another grant than that of the token', (world) => {
    world.actor = { signedIn: true, names: 'second', token: 'first' };
  }),
];

const PERSON: Deviation[] = [
  roles(),
  roles('curator'),
  roles('researcher', 'curator'),
  roles('researcher', 'steward'),
  roles('steward'),
  roles('researcher', 'steward', 'curator'),
  roles('researcher', 'curator', 'admin'),
  roles('auditor'),
  one('suspended for good', (world) => {
    world.suspended = { from: at(-1), until: null };
  }),
  one('suspended until now', (world) => {
    world.suspended = { from: at(-48), until: NOW };
  }),
  one('suspended from this moment', (world) => {
    world.suspended = { from: NOW, until: at(24) };
  }),
  one('suspended from tomorrow', (world) => {
    world.suspended = { from: at(24), until: null };
  }),
  one('works nowhere', (world) => {
    world.institution = null;
  }),
  one('works elsewhere', (world) => {
    world.institution = 'other';
  }),
  ...(['UNVERIFIED', 'SUSPENDED', 'BARRED'] as const).map((standing) =>
    one(`the institution is ${standing}`, (world) => {
      world.standing = standing;
    }),
  ),
  one('the institution is in Germany', (world) => {
    world.country = 'DE';
  }),
  ...(Object.keys(POLICIES) as PolicyName[]).map((name) =>
    one(`policy: ${name}`, (world) => {
      world.policy = name;
    }),
  ),
];

const CERTIFICATES: Deviation[] = TRAINING_TYPES.flatMap((type) => {
  const set = (name: string, changes: Partial<World['certificates'][number]>): Deviation =>
    one(`${type} ${name}`, (world) => {
      world.certificates = world.certificates.map((held) => (held.type === type ? { ...held, ...changes } : held));
    });
  const add = (name: string, changes: Partial<World['certificates'][number]>): Deviation =>
    one(`${type}: another one, ${name}`, (world) => {
      const usual = usualWorld().certificates.find((held) => held.type === type);
      if (usual !== undefined) world.certificates.push({ ...usual, ...changes });
    });
  return [
    one(`${type} missing`, (world) => {
      world.certificates = world.certificates.filter((held) => held.type !== type);
    }),
    set('pending', { state: 'PENDING', how: null }),
    set('rejected', { state: 'REJECTED', how: null }),
    set('replaced', { state: 'REPLACED', how: null }),
    set('only seen', { how: 'SEEN' }),
    set('counts until yesterday', { expiresOn: day(-1) }),
    set('counts until today', { expiresOn: day(0) }),
    set('of eleven years ago', { completedOn: '2014-02-01' }),
    add('pending', { state: 'PENDING', how: null }),
    add('verified', {}),
  ];
});

const AGREEMENTS: Deviation[] = [
  one('no agreement was published', (world) => {
    world.agreements = [];
    for (const name of GRANT_NAMES) world.grants[name].signatures = [];
  }),
  ...(
    [
      ['today and without grace', 0, 0, false],
      ['three days ago with five of grace', -3, 5, false],
      ['five days ago with five of grace', -5, 5, false],
      ['for tomorrow', 1, 0, false],
      ['today, editorial', 0, 0, true],
    ] as const
  ).map(([name, from, graceDays, editorial]) =>
    one(`a new agreement ${name}`, (world) => {
      const version = Math.max(0, ...world.agreements.map((known) => known.version)) + 1;
      world.agreements.push({ version, effectiveOn: day(from), graceDays, editorial });
    }),
  ),
  ...(['me', 'official'] as const).flatMap((who) => [
    one(`${who}: no signature`, (world) => {
      world.grants.first.signatures = world.grants.first.signatures.filter((signature) => signature.who !== who);
    }),
    one(`${who}: signed tomorrow`, (world) => {
      world.grants.first.signatures = world.grants.first.signatures.map((signature) =>
        signature.who === who ? { ...signature, at: at(24) } : signature,
      );
    }),
    one(`${who}: signed the newest agreement`, (world) => {
      const version = Math.max(0, ...world.agreements.map((known) => known.version));
      const known = world.grants.first.signatures.some((one) => one.who === who && one.version === version);
      if (version > 0 && !known) world.grants.first.signatures.push({ who, version, at: at(-1) });
    }),
  ]),
];

const GRANTS: Deviation[] = (['first', 'second'] as const).flatMap((name) => {
  const set = (what: string, changes: Partial<World['grants']['first']>): Deviation =>
    one(`the ${name} grant ${what}`, (world) => {
      world.grants[name] = { ...world.grants[name], ...structuredClone(changes) };
    });
  return [
    ...(['SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED'] as const).map((state) => set(`is ${state}`, { state })),
    set('starts in an hour', { start: at(1) }),
    set('starts now', { start: NOW }),
    set('ends now', { end: NOW }),
    set('ended an hour ago', { end: at(-1) }),
    set('belongs to another institution', { institution: 'other' }),
    set('has them as a member', { member: 'yes' }),
    set('has them as a member', { member: 'yes' }),
    set('has removed them', { member: 'removed' }),
    set('is for nothing', { access: {} }),
    ...USES.map((use) => set(`is for ${use} alone`, { access: everything([use]) })),
    set('is for reading and running', { access: everything(['READ', 'RUN']) }),
    set('is for labels', { access: everything(USES, ['LABELS', 'PAIN_SCORES']) }),
    set('is for running on labels and reading frames', {
      access: { LABELS: ['RUN', 'READ'], PAIN_SCORES: ['RUN'], FRAMES: ['READ'], FACES: ['RUN'] },
    }),
    ...MODALITIES.map((modality) =>
      set(`is for all but ${modality}`, {
        access: everything(
          USES,
          MODALITIES.filter((kind) => kind !== modality),
        ),
      }),
    ),
    ...[['GRU'], ['DS:MONDO:0004992'], ['HMB', 'MDS'], ['HMB', 'NPU', 'NCU'], ['NCU'], [], ['HMB', 'XYZ']].map(
      (purpose) => set(`has the purpose ${purpose.join(' ') || '(none)'}`, { purpose }),
    ),
  ];
});

const halt = (scope: World['halts'][number]['scope'], target: string | null): Deviation =>
  one(`halt: ${scope} ${target ?? ''}`, (world) => {
    world.halts.push({ scope, target, from: at(-1), liftedAt: null });
  });

const RELEASES: Deviation[] = [
  halt('ALL', null),
  ...VERSIONS.map((version) => halt('RELEASE', version)),
  ...(['LABELS', 'VIDEO', 'FACES', 'PAIN_SCORES', 'LANDMARKS'] as const).map((modality) => halt('MODALITY', modality)),
  halt('INSTITUTION', 'own'),
  halt('INSTITUTION', 'other'),
  ...GRANT_NAMES.map((name) => halt('GRANT', name)),
  one('every halt is lifted this moment', (world) => {
    world.halts = world.halts.map((placed) => ({ ...placed, liftedAt: NOW }));
  }),
  one('every halt begins tomorrow', (world) => {
    world.halts = world.halts.map((placed) => ({ ...placed, from: at(24) }));
  }),
  ...VERSIONS.flatMap((version) =>
    (['DRAFT', 'PUBLISHED', 'DEPRECATED', 'RETRACTED'] as const).map((state) =>
      one(`release ${version} is ${state}`, (world) => {
        world.releases[version] = state;
      }),
    ),
  ),
  ...(['mine', 'theirs'] as const).map((whose) =>
    one(`a look at 1.0.0 is ${whose}`, (world) => {
      world.exceptions.push({ whose, release: '1.0.0', from: at(-1), until: at(2) });
    }),
  ),
  one('a look at 1.0.0 of five hours', (world) => {
    world.exceptions.push({ whose: 'mine', release: '1.0.0', from: at(-1), until: at(4) });
  }),
  one('a look at 1.0.0 that is over', (world) => {
    world.exceptions.push({ whose: 'mine', release: '1.0.0', from: at(-3), until: NOW });
  }),
];

const ROWS: Deviation[] = PATIENTS.flatMap((patient) => {
  const consent = (name: string, changes: Partial<Consent>): Deviation =>
    one(`${patient} consents anew, ${name}`, (world) => {
      const last = world.consents.filter((known) => known.patient === patient).at(-1);
      const usual = usualWorld().consents[0];
      if (usual === undefined) throw new Error('nobody consents');
      // Recorded later than what is known, so a later place in the list.
      const effectiveAt = changes.effectiveAt ?? (last === undefined ? at(-24) : later(last.effectiveAt));
      world.consents.push({ ...usual, ...last, ...structuredClone(changes), patient, effectiveAt });
    });
  const quarantine = (submission: number, range: [number, number] | null): Deviation =>
    one(
      `${patient}/${submission} quarantined ${range === null ? 'as a whole' : `from ${range[0]} to ${range[1]}`}`,
      (world) => {
        world.quarantines.push({ patient, at: submission, range, liftedAt: null });
      },
    );
  return [
    one(`${patient} has no consent`, (world) => {
      world.consents = world.consents.filter((known) => known.patient !== patient);
    }),
    ...[
      ['GRU'],
      ['NRES', 'NCU'],
      ['HMB', 'NCU', 'IRB'],
      ['HMB', 'NPU'],
      ['HMB', 'NMDS'],
      ['DS:MONDO:0004992'],
      ['HMB', 'XYZ'],
      [],
    ].map((uses) => consent(`to ${uses.join(' ') || 'nothing'}`, { uses })),
    ...MODALITIES.map((modality) =>
      consent(`without ${modality}`, { modalities: MODALITIES.filter((kind) => kind !== modality) }),
    ),
    consent('to labels alone', { modalities: ['LABELS'] }),
    consent('to everything', { modalities: [...MODALITIES], uses: ['HMB'], adultFrom: null, reconsentedOn: null }),
    consent('to nothing, at the same moment as at first', { uses: [], effectiveAt: '2020-01-01T00:00:00.000Z' }),
    consent('to nothing, from tomorrow', { uses: [], effectiveAt: at(24) }),
    consent('to nothing, from this moment', { uses: [], effectiveAt: NOW }),
    consent('adult since yesterday', { adultFrom: day(-1) }),
    consent('adult from today', { adultFrom: day(0) }),
    consent('adult from tomorrow', { adultFrom: day(1) }),
    consent('adult since yesterday and asked again before', { adultFrom: day(-1), reconsentedOn: day(-2) }),
    consent('adult since yesterday and asked again today', { adultFrom: day(-1), reconsentedOn: day(0) }),
    consent('adult since yesterday and to be asked again tomorrow', { adultFrom: day(-1), reconsentedOn: day(1) }),
    ...(['STOP_COLLECTION', 'STOP_SHARING', 'ERASE'] as const).map((kind) =>
      one(`${patient} withdraws: ${kind}`, (world) => {
        world.withdrawals.push({ patient, kind });
      }),
    ),
    ...[0, 1].flatMap((submission) => [
      quarantine(submission, null),
      ...(
        [
          [0, 0.3],
          [1, 2],
          [1.95, 2.05],
          [3.9, 4],
          [4, 4.1],
          [4.45, 4.6],
          [100, 200],
        ] as const
      ).map((range) => quarantine(submission, [range[0], range[1]])),
      one(`${patient}/${submission}: its quarantines are lifted this moment`, (world) => {
        for (const placed of world.quarantines)
          if (placed.patient === patient && placed.at === submission) placed.liftedAt = NOW;
      }),
      one(`${patient}/${submission}: its quarantines are lifted from tomorrow`, (world) => {
        for (const placed of world.quarantines)
          if (placed.patient === patient && placed.at === submission) placed.liftedAt = at(24);
      }),
    ]),
  ];
});

const later = (when: string): string => {
  const next = new Date(Date.parse(when) + 3_600_000).toISOString();
  return next > NOW ? when : next;
};

const TIMES: Deviation[] = (
  [
    ['an hour later', at(1)],
    ['the last moment of the day in New York', '2025-03-16T03:59:59.999Z'],
    ['midnight in New York', '2025-03-16T04:00:00.000Z'],
    ['midnight in Kathmandu', '2025-03-15T18:15:00.000Z'],
    ['a week later', at(168)],
    ['the last moment of the grant', '2025-08-31T23:59:59.999Z'],
    ['the end of the grant', '2025-09-01T00:00:00.000Z'],
  ] as const
).map(([name, now]) =>
  one(`it is ${name}`, (world) => {
    world.now = now;
  }),
);

const among = (deviations: readonly Deviation[]): fc.Arbitrary<Deviation> => fc.constantFrom(...deviations);
const group = (deviations: readonly Deviation[], ...odds: readonly number[]): fc.Arbitrary<Deviation[]> =>
  fc.oneof(
    ...odds.map((weight, count) => ({
      weight,
      arbitrary: fc.array(among(deviations), { minLength: count, maxLength: count }),
    })),
  );

/** What differs from the usual world, in the order in which it comes about: half of the cases leave the person something to see. */
export const someDeviations: fc.Arbitrary<Deviation[]> = fc
  .tuple(
    group(TIMES, 12, 1),
    group(PERSON, 10, 2),
    group(CERTIFICATES, 10, 2, 1),
    group(AGREEMENTS, 8, 1, 1, 1),
    group(GRANTS, 7, 3, 2),
    group(ACTOR, 10, 2),
    group(RELEASES, 8, 3, 1),
    group(ROWS, 2, 4, 4, 3),
  )
  .map((groups) => groups.flat());

/** One thing that then changes, for better or worse. */
export const someChange: fc.Arbitrary<Deviation> = fc.oneof(
  { weight: 1, arbitrary: among(TIMES) },
  { weight: 2, arbitrary: among(PERSON) },
  { weight: 2, arbitrary: among(CERTIFICATES) },
  { weight: 1, arbitrary: among(AGREEMENTS) },
  { weight: 3, arbitrary: among(GRANTS) },
  { weight: 1, arbitrary: among(ACTOR) },
  { weight: 2, arbitrary: among(RELEASES) },
  { weight: 5, arbitrary: among(ROWS) },
);

/** Every deviation there is, by name. */
export const ALL_DEVIATIONS: readonly Deviation[] = [
  ...ACTOR,
  ...PERSON,
  ...CERTIFICATES,
  ...AGREEMENTS,
  ...GRANTS,
  ...RELEASES,
  ...ROWS,
  ...TIMES,
];

export const worldWith = (deviations: readonly Deviation[]): World => {
  const world = usualWorld();
  for (const { change } of deviations) change(world);
  return world;
};
