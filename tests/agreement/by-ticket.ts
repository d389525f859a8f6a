import { expect } from 'vitest';
import type { OpenedFile } from '../../api/services/files/file-access.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import type { GivenFile } from './by-query.ts';
import { SOME_FRAMES } from './by-query.ts';
import { chunkSpan, frameSpan, submissionOf, viewOf } from './expected.ts';
import { artifactId, grantId, ME, releaseId } from './ids.ts';
import { may, type Part, released, type Who } from './opinion.ts';
import { accountOf, type Scene } from './scene.ts';
import { GRANT_NAMES, type GrantName, type Version, type World } from './world.ts';

/** A ticket as the office sealed it, and what it should open. */
export interface Held extends Omit<GivenFile, 'url'> {
  ticket: string;
  /** The grant in it. */
  grant: GrantName | null;
  opened: OpenedFile | null;
}

const MODALITY: Readonly<Record<string, Modality>> = {
  VIDEO: 'VIDEO',
  AUDIO: 'AUDIO',
  SPECTROGRAM: 'SPECTROGRAMS',
  SPECTROGRAM_PICTURE: 'SPECTROGRAMS',
  CHUNK_SPECTROGRAMS: 'SPECTROGRAMS',
  CHUNK_SPECTROGRAM_PICTURES: 'SPECTROGRAMS',
  LANDMARKS: 'LANDMARKS',
  FRAMES: 'FRAMES',
  FACES: 'FACES',
};

/** Every file of a submission: whole files, packed files as a whole, and some of their parts. */
const FILES: readonly (readonly [kind: string, part: number | null])[] = [
  ...Object.keys(MODALITY).map((kind) => [kind, null] as const),
  ...SOME_FRAMES.flatMap((n) => [['FRAMES', n] as const, ['FACES', n] as const, ['LANDMARKS', n] as const]),
  ...[1, 2].flatMap((n) => [['CHUNK_SPECTROGRAMS', n] as const, ['CHUNK_SPECTROGRAM_PICTURES', n] as const]),
];

const partOf = (kind: string, part: number | null): Part => {
  if (part === null) return 'all';
  return kind.startsWith('CHUNK') ? chunkSpan(part - 1) : frameSpan(part);
};

/** Whether there are bytes at all. */
function exists(scene: Scene, { patient, at, kind, part }: Pick<Held, 'patient' | 'at' | 'kind' | 'part'>): boolean {
  const { sound, noFace } = submissionOf(scene.study, patient, at);
  if (!sound && (kind === 'AUDIO' || kind.includes('SPECTROGRAM'))) return false;
  return !(kind === 'FACES' && part !== null && noFace.includes(part));
}

/** A ticket shows what its row and its kind of data let a person see under the ticket's grant, whichever they name when they use it. */
function shouldOpen(scene: Scene, world: World, version: Version, held: Omit<Held, 'ticket' | 'opened'>): boolean {
  const { token } = world.actor;
  // A ticket for another kind of data than what the bytes are is none of ours.
  if (held.modality !== MODALITY[held.kind]) return false;
  if (!world.actor.signedIn || !released(version, held.patient, held.at) || !exists(scene, held)) return false;
  if (token !== null && token !== held.grant) return false;
  return shows(world, version, held);
}

/** What is being sent goes on when its person signs out: they have what they asked for while they were signed in. */
const signedIn = (world: World): World => ({ ...world, actor: { ...world.actor, signedIn: true } });

function shows(world: World, version: Version, held: Omit<Held, 'ticket' | 'opened'>): boolean {
  const who: Who = { names: held.grant, token: null };
  const view = viewOf({ world, version, use: 'READ', who });
  const { patient, at, kind, part, modality } = held;
  return view.shows('LABELS', patient, at, null) && view.shows(modality, patient, at, partOf(kind, part));
}

const nameOf = ({ patient, at, kind, part, modality }: Omit<Held, 'ticket' | 'opened'>): string =>
  `${patient}/${at} ${kind}${part === null ? '' : ` ${part}`}${modality === MODALITY[kind] ? '' : ` as ${modality}`}`;

/** The grant that the person acts for when they ask for an address. */
const grantMeant = (world: World, version: Version): GrantName | null => {
  const sights = MODALITIES.map((modality) => may(world, 'READ', modality, version, world.actor));
  const sight = sights.find((one) => one?.on === 'grant');
  return sight?.on === 'grant' ? sight.grant : null;
};

/** Opens what the query gave and, with tickets sealed for the purpose, everything that it did not give. */
export async function checkTickets(
  scene: Scene,
  world: World,
  version: Version,
  given: readonly GivenFile[],
  of: readonly { patient: string; at: number }[],
): Promise<Held[]> {
  const meant = grantMeant(world, version);
  const held: Held[] = of.flatMap(({ patient, at }) =>
    FILES.map(([kind, part]): Held => {
      const modality = MODALITY[kind] ?? 'LABELS';
      const known = given.find(
        (one) => one.patient === patient && one.at === at && one.kind === kind && one.part === part,
      );
      const url = known?.url ?? forge(scene, version, { patient, at, kind, part, modality, grant: meant }).url;
      return { patient, at, kind, part, modality, grant: meant, ticket: ticketIn(url), opened: null };
    }),
  );
  // Sealed for a kind of data that is easier to come by than what the bytes are.
  for (const { patient, at } of of)
    for (const modality of ['LABELS', 'PAIN_SCORES'] as const) {
      const forged = { patient, at, kind: 'VIDEO', part: null, modality, grant: meant };
      held.push({ ...forged, ticket: ticketIn(forge(scene, version, forged).url), opened: null });
    }
  const opened = await openAll(scene, world, held);
  const seen = held.filter((_, i) => opened[i]?.kind === 'file').map(nameOf);
  expect(seen).toEqual(held.filter((one) => shouldOpen(scene, world, version, one)).map(nameOf));
  // Everything that the query gave has to open.
  const names = new Set(seen);
  expect(given.map((one) => nameOf({ ...one, grant: meant })).filter((name) => !names.has(name))).toEqual([]);
  for (const [i, one] of held.entries()) {
    const result = opened[i];
    if (result?.kind === 'file') one.opened = result;
  }
  await checkOthers(scene, world, version, of);
  return held;
}

/** Files by the names that `all-paths.ts` has for them. */
const BY_NAME: Readonly<Record<string, readonly [kind: string, part: number | null]>> = {
  ...{ video: ['VIDEO', null], audio: ['AUDIO', null], landmarks: ['LANDMARKS', null] },
  ...{ spectrogram: ['SPECTROGRAM_PICTURE', null], spectrogramArray: ['SPECTROGRAM', null] },
  ...Object.fromEntries(
    SOME_FRAMES.flatMap((n) => [
      [`i${n}`, ['FRAMES', n]],
      [`c${n}`, ['FACES', n]],
    ]),
  ),
};

/** Opens one file with the ticket that the query gave, or with one sealed for the purpose where it gave none. */
export async function checkOneTicket(
  scene: Scene,
  world: World,
  version: Version,
  { patient, at }: { patient: string; at: number },
  name: string,
  url: string | null,
): Promise<void> {
  const [kind, part] = BY_NAME[name] ?? ['VIDEO', null];
  const modality = MODALITY[kind] ?? 'LABELS';
  const grant = grantMeant(world, version);
  const ticket = ticketIn(url ?? forge(scene, version, { patient, at, kind, part, modality, grant }).url);
  const held: Held = { patient, at, kind, part, modality, grant, ticket, opened: null };
  const [opened] = await openAll(scene, world, [held]);
  const said = (opens: boolean): string =>
    `${url === null ? 'a sealed' : 'the given'} ticket of ${nameOf(held)} opens: ${opens}`;
  expect(said(opened?.kind === 'file')).toBe(said(shouldOpen(scene, world, version, held)));
  if (url !== null) expect(said(opened?.kind === 'file')).toBe(said(true));
}

/** After something has changed: tickets from before, and files that are being sent, show what a new ticket would. */
export async function checkHeld(scene: Scene, world: World, version: Version, held: readonly Held[]): Promise<void> {
  const opened = await openAll(scene, world, held);
  expect(held.filter((_, i) => opened[i]?.kind === 'file').map(nameOf)).toEqual(
    held.filter((one) => shouldOpen(scene, world, version, one)).map(nameOf),
  );
  const sending = held.filter((one) => one.opened !== null).slice(0, 12);
  const still = await Promise.all(sending.map((one) => one.opened?.stillAllowed()));
  expect(sending.filter((_, i) => still[i]).map(nameOf)).toEqual(
    sending.filter((one) => shows(signedIn(world), version, one)).map(nameOf),
  );
}

/** Tickets for every grant but the one meant, of another person, and for a release that does not have the recording. */
async function checkOthers(
  scene: Scene,
  world: World,
  version: Version,
  of: readonly { patient: string; at: number }[],
): Promise<void> {
  const { patient, at } = of[0] ?? { patient: '9001', at: 0 };
  const video = { patient, at, kind: 'VIDEO', part: null, modality: 'VIDEO' as const };
  const forged = [...GRANT_NAMES.map((grant) => ({ ...video, grant })), { ...video, grant: null }];
  const held = forged.map((one): Held => ({ ...one, ticket: ticketIn(forge(scene, version, one).url), opened: null }));
  const opened = await openAll(scene, world, held);
  const named = (one: Held): string => `${nameOf(one)} under ${one.grant}`;
  expect(held.filter((_, i) => opened[i]?.kind === 'file').map(named)).toEqual(
    held.filter((one) => shouldOpen(scene, world, version, one)).map(named),
  );
  const theirs = scene.tickets.issue({
    ...{ kind: 'artifact', accountId: '00000000-0000-7000-8000-000000000000', grantId: grantId('first'), part: null },
    ...{ releaseId: releaseId(version), artifactId: artifactId(patient, at, 'VIDEO'), modality: 'VIDEO' },
  });
  expect(await scene.access.open(ticketIn(theirs.url), accountOf(world))).toBeNull();
}

const openAll = (scene: Scene, world: World, held: readonly Held[]) =>
  // Who is not signed in is turned away before a ticket is looked at.
  Promise.all(held.map(({ ticket }) => (world.actor.signedIn ? scene.access.open(ticket, accountOf(world)) : null)));

const forge = (
  scene: Scene,
  version: Version,
  { patient, at, kind, part, modality, grant }: Omit<Held, 'ticket' | 'opened'>,
) =>
  scene.tickets.issue({
    ...{ kind: 'artifact', accountId: ME, releaseId: releaseId(version), part, modality },
    ...{ grantId: grant === null ? null : grantId(grant), artifactId: artifactId(patient, at, kind) },
  });

const ticketIn = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
