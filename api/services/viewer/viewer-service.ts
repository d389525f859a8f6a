import type { Actor } from '../../../governance/actor.ts';
import { accessChecklist } from '../../../governance/checklist.ts';
import { decide } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Use } from '../../../governance/use.ts';
import { USES } from '../../../governance/use.ts';
import type { ViewerGrantFacts, ViewerService } from '../../../schema/context.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import { loadSituation } from '../read/facts.ts';

interface AccountRow {
  id: string;
  username: string;
  name: string;
  email: string;
  roles: string[];
  institution: { name: string; ror: string | null; country: string } | null;
}

/** What the signed-in person may know of themself, and where they stand. */
export function viewerService(deps: { database: Database; clock: Clock; defaultStudy: string }): ViewerService {
  const { database, clock } = deps;
  return {
    async viewer(actor) {
      if (actor.kind !== 'account') return null;
      const { rows } = await database.query<AccountRow & Record<string, unknown>>(
        `SELECT a.id, a.username, a.name, a.email, ARRAY(SELECT role FROM account_role r WHERE r.account_id = a.id ORDER BY role) AS roles,
           (SELECT json_build_object('name', i.name, 'ror', i.ror, 'country', i.country) FROM institution i WHERE i.id = a.institution_id) AS institution
         FROM account a WHERE a.id = $1`,
        [actor.accountId],
      );
      const row = rows[0];
      if (!row) return null;
      const { roles, ...account } = row;
      return {
        account,
        roles,
        grants: await grantsOf(actor.accountId),
      };
    },

    async accessChecklist(actor, modality, study) {
      const now = clock.now();
      const accountId = actor.kind === 'account' ? actor.accountId : null;
      const situation = await loadSituation(database, { accountId, study: { key: study ?? deps.defaultStudy }, now });
      if (!situation) throw new Error('there is no such study');
      const release = situation.releases.find(({ state }) => state === 'PUBLISHED') ?? null;
      return { modality, uses: USES.map((use) => checklistOf(use)) };

      function checklistOf(use: Use) {
        const { facts } = situation!;
        const list = accessChecklist(actor as Actor, use, modality as Modality, release, facts, now);
        const decision = decide(actor, use, { kind: 'modality', modality, release }, facts, now);
        const until = decision.allow && 'validUntil' in decision.basis ? decision.basis.validUntil : null;
        return {
          use,
          allowed: list.allowed,
          validUntil: until === null || !Number.isFinite(until) ? null : new Date(until),
          items: list.items.map((item) => ({
            key: item.subject ? `${item.requirement}:${item.subject}` : item.requirement,
            title: item.title,
            met: item.met,
            expiresAt: item.expiresAt === null || !Number.isFinite(item.expiresAt) ? null : new Date(item.expiresAt),
            reasons: item.reason === null ? [] : [item.reason],
            whatToDo: item.toDo,
            whoActsNext: item.next,
          })),
        };
      }
    },
  };

  async function grantsOf(accountId: string): Promise<ViewerGrantFacts[]> {
    const { rows } = await database.query<{
      id: string;
      state: string;
      startsAt: Date;
      endsAt: Date;
      access: Partial<Record<Modality, Use[]>>;
      purposes: string[];
      conditions: string;
    }>(
      `SELECT g.id, g.state, g.starts_at AS "startsAt", g.ends_at AS "endsAt", g.access, g.purpose AS purposes, g.conditions
       FROM data_grant g JOIN grant_member m ON m.grant_id = g.id WHERE m.account_id = $1 AND m.removed_at IS NULL ORDER BY g.starts_at DESC, g.id`,
      [accountId],
    );
    return rows.map(({ access, ...grant }) => ({
      ...grant,
      items: Object.entries(access).map(([modality, uses]) => ({ modality: modality as Modality, uses: uses ?? [] })),
    }));
  }
}
