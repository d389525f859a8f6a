import { MODALITIES, type Modality } from '../../governance/modality.ts';
import type { Use } from '../../governance/use.ts';
import { type Grant, type GrantName, PATIENTS, POLICIES, type Version, type World } from './world.ts';

/**
 * A second opinion on who sees what, written from the rules alone and as plainly as they are: it shares no code with decide(), the row rule or their
 * translation to SQL. Days are compared as text.
 */
export type Sight = { on: 'grant'; purpose: readonly string[]; grant: GrantName } | { on: 'draft' | 'exception' };

export interface Who {
  readonly names: GrantName | 'malformed' | null;
  readonly token: GrantName | null;
}

/** A part of a recording's time in seconds; `all` for what shows or sums up the whole of it; null for what has no time. */
export type Part = readonly [number, number] | 'all' | null;

const CLASS: Record<Modality, 'labels' | 'features' | 'biometric' | 'identifiable'> = {
  LABELS: 'labels',
  PAIN_SCORES: 'labels',
  AUDIO_FEATURES: 'features',
  BASELINES: 'features',
  LANDMARKS: 'biometric',
  SPECTROGRAMS: 'identifiable',
  VIDEO: 'identifiable',
  FRAMES: 'identifiable',
  FACES: 'identifiable',
  AUDIO: 'identifiable',
};

// Making one takes longer than everything else here.
const days = new Map<string, Intl.DateTimeFormat>();
const dayIn = (zone: string, at: string): string => {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = days.get(zone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone, ...parts });
  days.set(zone, format);
  return format.format(new Date(at));
};
const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
const plusMonths = (day: string, months: number): string => {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 10);
};

const today = (world: World): string => dayIn(POLICIES[world.policy].timeZone, world.now);

const roles = ({ roles: held }: World): readonly string[] => {
  const has = (role: string) => (held as string[]).includes(role);
  const lost = new Set<string>();
  for (const [one, other] of [
    ['admin', 'steward'],
    ['admin', 'curator'],
    ['admin', 'auditor'],
    ['steward', 'curator'],
    ['steward', 'auditor'],
  ] as const)
    if (has(one) && has(other)) lost.add(one).add(other);
  return held.filter((role) => !lost.has(role));
};

const suspended = ({ suspended: since, now }: World): boolean =>
  since !== null && since.from <= now && (since.until === null || now < since.until);

/** Whether the person may know that a release exists. */
export const knows = (world: World, version: Version, who: Who): boolean => {
  if (world.releases[version] !== 'DRAFT') return true;
  if (!world.actor.signedIn || suspended(world) || who.token !== null) return false;
  return roles(world).includes('curator') || roles(world).includes('steward');
};

const inForce = ({ state, start, end }: Grant, now: string): boolean => state === 'ACTIVE' && start <= now && now < end;

const grantOf = (world: World, who: Who): GrantName | null => {
  if (who.token !== null && who.names !== null && who.token !== who.names) return null;
  const mine = (['first', 'second'] as const).filter((name) => world.grants[name].member === 'yes');
  const wanted = who.token ?? who.names;
  if (wanted !== null) return mine.find((name) => name === wanted && inForce(world.grants[name], world.now)) ?? null;
  const usable = mine.filter((name) => inForce(world.grants[name], world.now));
  return usable.length === 1 ? (usable[0] ?? null) : null;
};

const halted = (world: World, modality: Modality, version: Version, grant: GrantName | null): boolean =>
  world.halts.some(({ scope, target, from, liftedAt }) => {
    if (from > world.now || (liftedAt !== null && liftedAt <= world.now)) return false;
    if (scope === 'ALL') return true;
    if (scope === 'RELEASE') return target === version;
    if (scope === 'MODALITY') return target === modality;
    if (scope === 'GRANT') return target === grant;
    return target === world.institution || (grant !== null && target === world.grants[grant].institution);
  });

const trained = (world: World, modality: Modality): boolean => {
  const policy = POLICIES[world.policy];
  const { training, verifiedBy } = policy.classes[CLASS[modality]];
  return training.every((type) =>
    world.certificates.some((one) => {
      if (one.type !== type || one.state !== 'VERIFIED') return false;
      if (verifiedBy === 'ISSUER' && one.how !== 'ISSUER') return false;
      const last = one.expiresOn ?? plusMonths(one.completedOn, policy.training[type].durationMonths);
      return today(world) <= last;
    }),
  );
};

/** Somebody's signature counts while no later version with new terms has used up its grace. */
const stands = (world: World, grant: Grant, who: 'me' | 'official'): boolean => {
  const began = world.agreements.filter(({ effectiveOn }) => effectiveOn <= today(world)).map(({ version }) => version);
  if (began.length === 0) return false;
  const newest = Math.max(...began);
  const known = world.agreements.map(({ version }) => version);
  const mine = grant.signatures
    .filter((one) => one.who === who && one.at <= world.now && one.version <= newest && known.includes(one.version))
    .map(({ version }) => version);
  if (mine.length === 0) return false;
  const signed = Math.max(...mine);
  return world.agreements
    .filter(({ version, editorial }) => version > signed && !editorial)
    .every(({ effectiveOn, graceDays }) => today(world) < plusDays(effectiveOn, graceDays));
};

/** On what the person may use a kind of data of a release; null when they may not. */
export const may = (world: World, use: Use, modality: Modality, version: Version, who: Who): Sight | null => {
  if (!world.actor.signedIn || suspended(world)) return null;
  const state = world.releases[version];
  const policy = POLICIES[world.policy];
  // Which grant is meant for a halt of grants: also one that is not in force.
  const named = grantOf(world, who) ?? whichever(world, who);
  if (halted(world, modality, version, named)) return null;
  if (use === 'READ' && roles(world).includes('curator') && who.token === null && state !== 'RETRACTED') {
    if (state === 'DRAFT') return { on: 'draft' };
    const look = world.exceptions.find(
      (one) =>
        one.whose === 'mine' &&
        one.release === version &&
        one.from <= world.now &&
        world.now < one.until &&
        Date.parse(one.until) - Date.parse(one.from) <= policy.exceptionHours * 3_600_000,
    );
    if (look !== undefined) return { on: 'exception' };
  }
  if (state !== 'PUBLISHED' && state !== 'DEPRECATED') return null;
  if (!roles(world).includes('researcher')) return null;
  const name = grantOf(world, who);
  if (name === null) return null;
  const grant = world.grants[name];
  if (!grant.access[modality]?.includes(use)) return null;
  const eligible = world.standing === 'VERIFIED' && !policy.ineligibleCountries.some((one) => one === world.country);
  if (world.institution !== 'own' || grant.institution !== 'own' || !eligible) return null;
  if (!trained(world, modality)) return null;
  if (policy.classes[CLASS[modality]].agreement && !(stands(world, grant, 'me') && stands(world, grant, 'official')))
    return null;
  return { on: 'grant', purpose: grant.purpose, grant: name };
};

/** The grant that refusals are about where none is in force: matters to halts of a grant and of its institution, for curators. */
const whichever = (world: World, who: Who): GrantName | null => {
  if (who.token !== null && who.names !== null && who.token !== who.names) return null;
  const mine = (['first', 'second'] as const).filter((name) => world.grants[name].member === 'yes');
  const wanted = who.token ?? who.names;
  if (wanted !== null) return mine.find((name) => name === wanted) ?? null;
  if (mine.filter((name) => inForce(world.grants[name], world.now)).length > 1) return null;
  return mine.sort((a, b) => (world.grants[a].end < world.grants[b].end ? 1 : -1))[0] ?? null;
};

/** Whether a consent's codes let research for a purpose have the data. */
export const fits = (uses: readonly string[], purpose: readonly string[]): boolean => {
  const kinds = purpose.filter((code) => ['GRU', 'HMB', 'POA', 'MDS'].includes(code) || /^DS:MONDO:\d{7}$/.test(code));
  const conditions = ['IRB', 'PUB', 'COL', 'RTN', 'NPU', 'NCU', 'NPUNCU'];
  const understood = [...kinds, ...conditions, 'NRES', 'NMDS'];
  if (kinds.length === 0 || purpose.some((code) => !understood.includes(code))) return false;
  const covers = (permission: string, kind: string): boolean =>
    permission === 'NRES' ||
    permission === 'GRU' ||
    permission === kind ||
    (permission === 'HMB' && kind.startsWith('DS:'));
  const permissions = ['NRES', 'GRU', 'HMB', 'POA'];
  const permitted = uses.some(
    (code) =>
      (permissions.includes(code) || code.startsWith('DS:')) &&
      kinds.every((kind) => covers(code, kind) && !(kind === 'MDS' && code !== 'NRES' && code !== 'GRU')),
  );
  const meets = (code: string): boolean => {
    if (code === 'NMDS') return !purpose.includes('MDS');
    if (code === 'NPU' || code === 'NCU') return purpose.includes(code) || purpose.includes('NPUNCU');
    if (code === 'NPUNCU') return purpose.includes(code) || (purpose.includes('NPU') && purpose.includes('NCU'));
    return conditions.includes(code) && purpose.includes(code);
  };
  return permitted && uses.every((code) => permissions.includes(code) || code.startsWith('DS:') || meets(code));
};

export const released = (version: Version, patient: string, at: number | null): boolean =>
  version === '1.0.0' || (patient !== '9003' && !(patient === '9001' && at === 1));

const consents = (world: World, patient: string, modality: Modality, purpose: readonly string[]): boolean => {
  const records = world.consents.filter((one) => one.patient === patient && one.effectiveAt <= world.now);
  // Of two from one moment the one recorded later, which is later in the list.
  const newest = records.reduce<(typeof records)[number] | null>(
    (best, next) => (best === null || next.effectiveAt >= best.effectiveAt ? next : best),
    null,
  );
  if (newest === null || !newest.modalities.includes(modality) || !fits(newest.uses, purpose)) return false;
  const { adultFrom, reconsentedOn } = newest;
  if (adultFrom === null || today(world) < adultFrom) return true;
  return reconsentedOn !== null && reconsentedOn >= adultFrom && reconsentedOn <= today(world);
};

/** Whether a part of a submission (`at` null: of the patient's own row) may be seen in one modality by who may use that modality at all. */
export const visible = (
  world: World,
  sight: Sight,
  modality: Modality,
  version: Version,
  patient: string,
  at: number | null,
  part: Part,
): boolean => {
  if (!released(version, patient, at)) return false;
  if (
    world.withdrawals.some((one) => one.patient === patient && one.kind !== 'STOP_COLLECTION' && one.takenBack !== true)
  )
    return false;
  if (sight.on === 'grant' && !consents(world, patient, modality, sight.purpose)) return false;
  if (at === null) return true;
  return !world.quarantines.some((one) => {
    if (one.patient !== patient || one.at !== at || (one.liftedAt !== null && one.liftedAt <= world.now)) return false;
    if (one.range === null || part === 'all') return true;
    return part !== null && one.range[0] < part[1] && part[0] < one.range[1];
  });
};

/** Whether the person sees it: may use the data, and the row lets them. */
export const sees = (
  world: World,
  use: Use,
  modality: Modality,
  version: Version,
  patient: string,
  at: number | null,
  part: Part,
  who: Who = world.actor,
): boolean => {
  const sight = may(world, use, modality, version, who);
  return sight !== null && visible(world, sight, modality, version, patient, at, part);
};

/** Every modality that somebody may use, for messages. */
export const mayList = (world: World, use: Use, version: Version): Modality[] =>
  MODALITIES.filter((modality) => may(world, use, modality, version, world.actor) !== null);

export const seenPatients = (world: World, use: Use, modality: Modality, version: Version): string[] =>
  PATIENTS.filter((patient) => sees(world, use, modality, version, patient, null, null));
