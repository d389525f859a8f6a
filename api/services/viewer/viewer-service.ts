import type { AccountActor, Actor } from '../../../governance/actor.ts';
import { accessChecklist } from '../../../governance/checklist.ts';
import { decide } from '../../../governance/decide.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Use } from '../../../governance/use.ts';
import { USES } from '../../../governance/use.ts';
import type { ViewerService } from '../../../schema/context.ts';
import type { ViewerGrantFacts } from '../../../schema/services/grants.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import { loadSituation } from '../read/facts.ts';

/** What the signed-in person may know of themself, and where they stand. */
export function viewerService(deps: { database: Database; clock: Clock; defaultStudy: string }): ViewerService {
  const { database, clock } = deps;
  return {
    async viewer(actor) {
      if (actor.kind !== 'account') return null;
      const found = await database.prisma.account.findUnique({
        where: { id: actor.accountId },
        include: {
          institution: { select: { name: true, ror: true, country: true } },
          roles: { orderBy: { role: 'asc' } },
        },
      });
      if (!found) return null;
      const { id, username, name, email, institution } = found;
      return {
        account: { id, username, name, email, institution },
        roles: found.roles.map(({ role }) => role),
        grants: await grantsOf(actor),
      };
    },

    async accessChecklist(actor, modality, study) {
      const now = clock.now();
      const accountId = actor.kind === 'account' ? actor.accountId : null;
      const situation = await loadSituation(database, { accountId, study: { key: study ?? deps.defaultStudy }, now });
      if (!situation) return null;
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

  async function grantsOf({ accountId, tokenGrantId }: AccountActor): Promise<ViewerGrantFacts[]> {
    const grants = await database.prisma.dataGrant.findMany({
      // A token knows of its own grant alone.
      where: { members: { some: { accountId, removedAt: null } }, ...(tokenGrantId != null && { id: tokenGrantId }) },
      orderBy: [{ startsAt: 'desc' }, { id: 'asc' }],
    });
    return grants.map(({ id, state, startsAt, endsAt, access, purpose, conditions }) => ({
      ...{ id, state, startsAt, endsAt, conditions, purposes: purpose },
      items: Object.entries(access as Partial<Record<Modality, Use[]>>).map(([modality, uses]) => ({
        modality: modality as Modality,
        uses: uses ?? [],
      })),
    }));
  }
}
