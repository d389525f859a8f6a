import { MODALITIES } from '../../governance/modality.ts';
import type { Role } from '../../governance/roles.ts';
import { TRAINING_TYPES } from '../../governance/training.ts';
import { USES } from '../../governance/use.ts';
import { at, type Deviation, day, one } from './deviation.ts';
import { everything, GRANT_NAMES, NOW, POLICIES, type PolicyName, usualWorld, type World } from './world.ts';

const roles = (...held: Role[]) =>
  one(`roles: ${held.join(' ') || 'none'}`, (world) => {
    world.roles = held;
  });

export const ACTOR: Deviation[] = [
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

export const PERSON: Deviation[] = [
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

export const CERTIFICATES: Deviation[] = TRAINING_TYPES.flatMap((type) => {
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

export const AGREEMENTS: Deviation[] = [
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

export const GRANTS: Deviation[] = (['first', 'second'] as const).flatMap((name) => {
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
