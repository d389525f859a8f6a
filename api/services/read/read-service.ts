import type { Actor } from '../../../governance/actor.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { ReadService, Situation, StudyRef } from '../../../schema/context.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { loadSituation } from './facts.ts';
import { FreshLoads } from './fresh-loads.ts';
import { PreparedStatements } from './prepared.ts';

export interface ReadOptions {
  readonly database: Sql;
  /** The study that is meant when none is named. */
  readonly defaultStudy: string;
  readonly now: () => Date;
  /** Counts refusals of people who are not signed in. */
  readonly countRefusedStranger: (modality: Modality) => void;
  /** Counts refusals of people who are. */
  readonly countRefused?: (reasons: readonly string[]) => void;
}

/** Makes the read service of an operation: facts are read once for each study, at its beginning. */
export const readServices = ({ database, defaultStudy, now, countRefusedStranger, countRefused }: ReadOptions) => {
  const prepared = new PreparedStatements(database);
  const loads = new FreshLoads<Situation | null>();
  return (actor: Actor): ReadService => {
    const loaded = new Map<string, Promise<Situation | null>>();
    const accountId = actor.kind === 'account' ? actor.accountId : null;
    return {
      situation(where: StudyRef) {
        const study = 'releaseId' in where ? where : { key: where.key ?? defaultStudy };
        const key = JSON.stringify(study);
        const known = loaded.get(key);
        if (known !== undefined) return known;
        const made = loads.load(`${accountId} ${key}`, () => loadSituation(database, { accountId, study, now: now() }));
        loaded.set(key, made);
        return made;
      },
      async run({ text, values }) {
        const rows = await prepared.run<{ j: string }>(text, values);
        const first = rows[0];
        if (first === undefined) throw new Error('the statement gave no row');
        return first.j;
      },
      refusedStranger(modalities) {
        for (const modality of modalities) countRefusedStranger(modality);
      },
      refused(reasons) {
        if (reasons.length > 0) countRefused?.(reasons);
      },
    };
  };
};
