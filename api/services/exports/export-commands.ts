import type { AccountActor, Actor } from '../../../governance/actor.ts';
import type { Reason } from '../../../governance/reasons.ts';
import type { ExportCommands, ExportFacts } from '../../../schema/services/exports.ts';
import type { CommandDeps } from '../command-deps.ts';
import { permitOf, refusedFor } from '../permit.ts';
import type { ModalityRefusal } from './export-access.ts';
import type { ExportService } from './export-service.ts';

const reasonsOf = (refused: readonly ModalityRefusal[]): readonly Reason[] => [
  ...new Map(
    refused.flatMap(({ reasons }) => reasons.map((one) => [`${one.code} ${one.subject}`, one] as const)),
  ).values(),
];

/** The same person, acting for the grant that the command names. */
export const actingFor = (actor: AccountActor, grant: string | null): AccountActor =>
  grant === null ? actor : { ...actor, grantId: grant };

/** A file's place in an export is its path. */
const encode = (path: string): string => Buffer.from(path).toString('base64url');
const decode = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

const unknown = { ok: false, code: 'EXPORT_UNKNOWN', message: 'You have no such export.' } as const;

/** Exports by one actor; what may be exported is decided by the service. */
export function exportCommands(deps: CommandDeps, exports: ExportService, actor: Actor): ExportCommands {
  const permit = permitOf(deps, actor);

  const own = async (id: string): Promise<ExportFacts | null> =>
    actor.kind === 'account' ? exports.state(id, actor) : null;

  return {
    async request({ study, release, grant, fold, part, modalities }) {
      const allowed = await permit('VIEW_OWN', { command: 'requestExport' });
      if (!allowed.ok) return allowed;
      const result = await exports.request({
        actor: actingFor(allowed.actor, grant),
        ...(study !== null && { study }),
        ...(release !== null && { release }),
        fold,
        part,
        modalities,
      });
      if (!result.ok) {
        const { code, message } = result;
        if (code === 'FORBIDDEN') return { ...refusedFor(reasonsOf(result.refused)), message };
        if (code === 'FOLD_UNKNOWN' || code === 'FOLD_NEEDED') return { ok: false, code, message, folds: result.folds };
        return { ok: false, code, message };
      }
      const made = await own(result.exportId);
      if (made === null) throw new Error('an export that was just asked for is gone');
      return { ok: true, export: made };
    },

    async cancel(id) {
      const allowed = await permit('VIEW_OWN', { command: 'cancelExport', export: id });
      if (!allowed.ok) return allowed;
      if ((await own(id)) === null) return unknown;
      await exports.cancel(id, allowed.actor);
      const after = await own(id);
      return after === null ? unknown : { ok: true, export: after };
    },

    get: own,

    async receipt(id) {
      return actor.kind === 'account' ? exports.receipt(id, actor) : null;
    },

    async mine() {
      return actor.kind === 'account' ? exports.list(actor) : [];
    },

    async files(id, { first, after }) {
      const allowed = await permit('VIEW_OWN', { query: 'export', export: id });
      if (!allowed.ok) return allowed;
      const page = await exports.files(id, allowed.actor, after === null ? null : decode(after), Math.max(1, first));
      if (!page.ok) {
        if (page.code === 'FORBIDDEN') return refusedFor(reasonsOf(page.refused));
        return page.code === 'EXPORT_ENDED'
          ? { ok: false, code: page.code, message: page.message }
          : { ok: true, value: null };
      }
      const nodes = page.files.slice(0, first);
      const value = {
        nodes,
        cursors: nodes.map(({ path }) => encode(path)),
        hasNextPage: page.after !== null,
        totalCount: page.total,
      };
      return { ok: true, value };
    },
  };
}
