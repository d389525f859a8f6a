import { MODALITIES } from '../../governance/modality.ts';
import { at, type Deviation, day, one } from './deviation.ts';
import { type Consent, GRANT_NAMES, NOW, PATIENTS, usualWorld, VERSIONS, type World } from './world.ts';

const halt = (scope: World['halts'][number]['scope'], target: string | null): Deviation =>
  one(`halt: ${scope} ${target ?? ''}`, (world) => {
    world.halts.push({ scope, target, from: at(-1), liftedAt: null });
  });

export const RELEASES: Deviation[] = [
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

/** A moment after another that is not in the future. */
const later = (when: string): string => {
  const next = new Date(Date.parse(when) + 3_600_000).toISOString();
  return next > NOW ? when : next;
};

export const CONSENTS: Deviation[] = PATIENTS.flatMap((patient) => {
  const consent = (name: string, changes: Partial<Consent>): Deviation =>
    one(`${patient} consents anew, ${name}`, (world) => {
      const last = world.consents.filter((known) => known.patient === patient).at(-1);
      const usual = usualWorld().consents[0];
      if (usual === undefined) throw new Error('nobody consents');
      // Recorded later than what is known, so a later place in the list.
      const effectiveAt = changes.effectiveAt ?? (last === undefined ? at(-24) : later(last.effectiveAt));
      world.consents.push({ ...usual, ...last, ...structuredClone(changes), patient, effectiveAt });
    });
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
  ];
});

export const WITHDRAWALS: Deviation[] = PATIENTS.flatMap((patient) =>
  (['STOP_COLLECTION', 'STOP_SHARING', 'ERASE'] as const).flatMap((kind) => [
    one(`${patient} withdraws: ${kind}`, (world) => {
      world.withdrawals.push({ patient, kind });
    }),
    one(`${patient} withdrew: ${kind}, taken back`, (world) => {
      world.withdrawals.push({ patient, kind, takenBack: true });
    }),
  ]),
);

export const QUARANTINES: Deviation[] = PATIENTS.flatMap((patient) => {
  const quarantine = (submission: number, range: [number, number] | null, until: string | null = null): Deviation =>
    one(
      `${patient}/${submission} quarantined ${range === null ? 'as a whole' : `from ${range[0]} to ${range[1]}`}${until === null ? '' : ` until ${until}`}`,
      (world) => {
        world.quarantines.push({ patient, at: submission, range, liftedAt: until });
      },
    );
  return [0, 1].flatMap((submission) => [
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
    quarantine(submission, null, NOW),
    quarantine(submission, null, at(24)),
    quarantine(submission, [1, 2], NOW),
  ]);
});

export const TIMES: Deviation[] = (
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
