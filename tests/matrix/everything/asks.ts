import { isEnumType } from 'graphql/index.js';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import { schema } from '../../../schema/index.ts';
import type { Answer } from '../../api/mutations/world.ts';
import { as, idOf, type Viewer } from './cast.ts';
import { everythingOf, type Told, toldBy } from './looks.ts';
import type { Stage } from './stage.ts';

/** A field of Query as it is asked: with which arguments, those of a thing by its name on the stage. */
export interface Ask {
  readonly name: string;
  readonly root: string;
  readonly args: (stage: Stage) => Readonly<Record<string, unknown>>;
}

const plain = (root: string, args: Readonly<Record<string, unknown>> = {}, name = root): Ask => ({
  ...{ name, root, args: () => args },
});
const things = (root: string, ...names: readonly string[]): readonly Ask[] =>
  names.map((name) => ({ name: `${root} ${name}`, root, args: ({ id }) => ({ id: id(name) }) }));

/** Every field of Query, but those of released data; a thing of each kind that stands differently to people, once. */
export const ASKS: readonly Ask[] = [
  ...things(
    'accessRequest',
    'draft',
    'unsent',
    'withdrawn',
    'returned',
    'sent',
    'pats',
    'approved',
    'eves',
    'bobs',
    'rexs',
    'renewal',
    'linked',
  ),
  plain('accessRequests', { first: 20 }),
  { name: 'account', root: 'account', args: () => ({ id: idOf('kim') }) },
  plain('accounts', { first: 50 }),
  plain('activeHalts'),
  plain('agreement'),
  plain('agreementPreview', { effectiveOn: '2030-01-01' }),
  plain('agreements'),
  plain('approvedUses', { first: 50 }),
  plain('accessGroups'),
  plain('auditEntries', { first: 500, order: 'OLDEST_FIRST' }),
  ...things('certificate', 'certificate pending', 'certificate rejected', 'certificate pats'),
  plain('certificateQueue', { first: 50 }),
  plain('certificateTotals'),
  plain('certificatesPending'),
  plain('consents', { patient: '9001' }),
  plain('deputies'),
  plain('destructionDuties'),
  plain('draftReleases'),
  plain('draftReleases', { published: true }, 'draftReleases, published too'),
  ...things('drop', 'drop'),
  plain('exceptions', { first: 50 }),
  ...things('export', 'export of adas', 'fresh export', 'export of hals', 'export of bobs'),
  plain('failedJobs', { first: 50 }),
  { name: 'fileTrace', root: 'fileTrace', args: ({ id }) => ({ sha256: id('manifest of the fresh export') }) },
  plain('groupFigures'),
  ...things('incident', 'incident eves', 'incident adas'),
  plain('incidents'),
  plain('institutions', { first: 50 }),
  ...['run of adas', 'run of eves', 'run of lous', 'run of hals', 'checkpoint of adas', 'checkpoint of eves'].map(
    (name): Ask => ({ name: `lineage ${name}`, root: 'lineage', args: ({ id }) => ({ artifact: id(name) }) }),
  ),
  plain('drops'),
  plain('jobKinds'),
  plain('pendingSteps'),
  plain('peopleByName', { name: 'an' }),
  plain('personalTokens'),
  plain('policy'),
  plain('policyVersions', { first: 50 }),
  plain('previewPolicy', { policy: { ...DEFAULT_POLICY, ineligibleCountries: ['US'] } }),
  plain('quarantines'),
  plain('queueMetrics'),
  plain('release'),
  plain('release', { version: '2.0.0' }, 'release, a draft'),
  plain('releases'),
  ...things('releaseCheck', 'release check'),
  plain('releaseDiff', { from: '1.0.0', to: '2.0.0' }),
  plain('releaseDiff', { from: '1.0.0', to: '1.0.0' }, 'releaseDiff, published'),
  plain('requirements'),
  ...things('run', 'run of adas', 'run of eves', 'run of lous', 'run of hals', 'run of bobs', 'waiting run'),
  plain('runPreview', { experiment: 'random-forest-pain' }),
  plain('sanctions'),
  plain('settings'),
  plain('strangerRefusals'),
  plain('studies'),
  plain('study'),
  plain('studyReport'),
  plain('trainings'),
  plain('unsentMail', { first: 50 }),
  plain('viewer'),
  plain('withdrawals'),
  plain('withdrawalTerms'),
];

/** More than a stranger may ask at once. */
const LARGE: readonly string[] = ['release', 'releases', 'studies', 'viewer'];

const documents = new Map<string, string>();
/** One operation for a field: the same text whoever asks and with what. */
function documentOf({ root, args }: Ask, stage: Stage, first: number, deep: number): string {
  const given = Object.keys(args(stage));
  const key = `${root} ${given.join()} ${first} ${deep}`;
  const known = documents.get(key);
  if (known !== undefined) return known;
  const field = schema.getQueryType()!.getFields()[root]!;
  const type = String(field.type).replaceAll(/[[\]!]/g, '');
  const of = (name: string) => field.args.find((arg) => arg.name === name)!.type;
  const declared = given.map((name) => `$${name}: ${of(name)}`).join(', ');
  const called = given.map((name) => `${name}: $${name}`).join(', ');
  const made = `query ${given.length > 0 ? `(${declared})` : ''} { ${root}${given.length > 0 ? `(${called})` : ''} { ${everythingOf(type, first, deep)} } }`;
  documents.set(key, made);
  return made;
}

export interface Looked {
  readonly ask: string;
  readonly answer: Answer;
  readonly told: readonly Told[];
}

/** With what a viewer comes: grants are named by the things that they are of. */
const headersOf = ({ headers, token }: Viewer, { id }: Stage): Record<string, string> => ({
  ...(headers?.['iss-grant'] !== undefined && { 'iss-grant': id(`grant of ${headers['iss-grant']}`) }),
  ...(token !== undefined && { 'x-test-token': id(`grant of ${token}`) }),
});

/** Asks for everything as somebody; what they were told. */
export async function lookAtEverything(viewer: Viewer, stage: Stage): Promise<Looked[]> {
  const looked: Looked[] = [];
  for (const ask of ASKS) {
    const stranger = viewer.who === null;
    const args = ask.args(stage);
    const given = stranger && 'first' in args ? { ...args, first: 1 } : args;
    const query = documentOf(ask, stage, stranger ? 1 : 20, stranger && LARGE.includes(ask.root) ? 1 : 20);
    const asking = (text: string): Promise<Answer> =>
      stage.world.ask(viewer.who === null ? null : as(viewer.who), text, given, headersOf(viewer, stage));
    const whole = await asking(query);
    // A refusal further down that takes the whole answer with it would hide that the rest is given: the plain values are asked for then.
    const below = whole.data?.[ask.root] == null && whole.errors?.some(({ path }) => (path?.length ?? 0) > 1);
    const answer = below ? await asking(documentOf(ask, stage, 20, 1)) : whole;
    looked.push({ ask: ask.name, answer, told: toldBy(answer, 'Query', ask.name) });
  }
  return looked;
}

const valuesOf = (name: string): readonly string[] => {
  const type = schema.getType(name);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
};
const FILTERED = () =>
  [
    ...valuesOf('RequestState').map(
      (state) => `accessRequests${state}: accessRequests(first: 20, state: [${state}]) { totalCount nodes { id } }`,
    ),
    ...valuesOf('NextActor').map(
      (actor) => `accessRequests${actor}: accessRequests(first: 20, waitsFor: ${actor}) { totalCount nodes { id } }`,
    ),
    ...valuesOf('InstitutionStanding').map(
      (standing) =>
        `institutions${standing}: institutions(first: 20, standing: ${standing}) { totalCount nodes { id } }`,
    ),
    ...valuesOf('IncidentState').map((state) => `incidents${state}: incidents(state: ${state}) { id }`),
  ].join(' ');

/** The lists that anybody may ask for, by each value of each of their filters. */
export const lookByFilters = (viewer: Viewer, stage: Stage): Promise<Answer> =>
  stage.world.ask(viewer.who === null ? null : as(viewer.who), `{ ${FILTERED()} }`, {}, headersOf(viewer, stage));
