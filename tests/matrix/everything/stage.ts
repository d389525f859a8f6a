import { keptGroups } from '../../../api/services/runs/kept-groups.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import { type Answer, type Payload, startWorld, type World } from '../../api/mutations/world.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import { addCast, as, idOf, type Person } from './cast.ts';
import { everythingOf, type Told, toldBy } from './looks.ts';
import { stageDuties } from './stage-duties.ts';
import { stageRequests } from './stage-requests.ts';
import { stageFreshWork, stageWork } from './stage-work.ts';

/** What somebody was told by a command that they gave. */
export interface Said {
  readonly by: Person;
  readonly told: readonly Told[];
  readonly text: string;
}

/** A world in which everything exists that the schema can tell of, each text of it with a mark (`§name`) that is found again wherever it leaks. */
export interface Stage {
  readonly world: World;
  /** Ids of things by their names here. */
  readonly ids: Map<string, string>;
  readonly id: (name: string) => string;
  readonly said: Said[];
  /** Gives a command that has to succeed, and looks at all that its answer may tell; the success. */
  readonly does: (by: Person, mutation: string, input: Record<string, unknown>) => Promise<Payload>;
}

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

export async function openStage(): Promise<Stage> {
  const world = await startWorld({ patients: 12, submissions: 1, frames: 10, folds: 3 });
  await addCast(world);
  // As its publication would have done: before anybody withdraws.
  await keptGroups(world.base, world.study.releaseId);
  const ids = new Map<string, string>();
  const said: Said[] = [];
  const stage: Stage = {
    world,
    ids,
    said,
    id: (name) => {
      const found = ids.get(name);
      if (found === undefined) throw new Error(`nothing is called ${name}`);
      return found;
    },
    async does(by, mutation, input) {
      const success = `${capital(mutation)}Success`;
      const query = `mutation Give($input: ${capital(mutation)}Input!) { ${mutation}(input: $input) { __typename ... on ExpectedError { code message } ... on Refused { reasons { code } } ... on ${success} { ${everythingOf(success, 5)} } } }`;
      const answer: Answer = await world.ask(as(by), query, { input });
      const payload = answer.data?.[mutation] as Payload | undefined;
      if (payload?.__typename !== success) throw new Error(`${by} ${mutation}: ${JSON.stringify(answer)}`);
      const errors = (answer.errors ?? []).map((one) => ({ ...one, path: (one.path ?? []).slice(1) }));
      said.push({
        by,
        told: toldBy({ data: payload, errors }, success, `${mutation} ${said.length}`),
        text: JSON.stringify(answer),
      });
      return payload;
    },
  };
  for (const name of ['ada', 'ben', 'rex', 'kim', 'dan', 'jon', 'eve', 'hal', 'bob', 'lou', 'ivy'] as const)
    await trained(world, name);
  await stageRequests(stage);
  await stageWork(stage);
  await stageDuties(stage);
  await stageFreshWork(stage);
  return stage;
}

/** All training of somebody, verified at the issuer. */
async function trained({ db: { pool } }: World, who: Person): Promise<void> {
  const past = new Date('2024-12-15T12:00:00Z');
  for (const type of TRAINING_TYPES)
    await pool.query(
      `INSERT INTO certificate (id, account_id, type, course, completed_on, state, object_key, file_sha256, file_bytes, content_type, credential_id, uploaded_at, decided_at, verified_how)
       VALUES ($1, $2, $3, $4, '2024-12-15', 'VERIFIED', $5, $6, 1, 'application/pdf', $7, $8, $8, 'ISSUER')`,
      [
        fixtureId(who, 'certificate', type),
        idOf(who),
        type,
        DEFAULT_POLICY.training[type].courses[0]!.key,
        `certificates/${who}/${type}`,
        '0'.repeat(64),
        `§credential-of-${who}`,
        past,
      ],
    );
}
