import type { Actor } from '../../../governance/actor.ts';
import type { MailCommands } from '../../../schema/services/mail.ts';
import type { CommandDeps } from '../command-deps.ts';
import { idCursor, idPlace } from '../keyset.ts';
import { permitOf } from '../permit.ts';
import { isUuid } from '../uuid.ts';
import { sendAgain, unsentMail } from './outbox.ts';

/** What operators do with messages that did not leave. */
export function mailCommands(deps: CommandDeps, actor: Actor): MailCommands {
  const { database, audit } = deps;
  const permit = permitOf(deps, actor);
  return {
    async unsent({ first, after }) {
      const allowed = await permit('HANDLE_MAIL', { query: 'unsentMail' });
      if (!allowed.ok) return allowed;
      const place = after === null ? null : idPlace('mail', after, 'ASC');
      const { mail, total } = await unsentMail(database, { first: first + 1, after: place });
      const nodes = mail.slice(0, first);
      const value = {
        nodes,
        cursors: nodes.map(({ id }) => idCursor('mail', id)),
        hasNextPage: mail.length > first,
        totalCount: total,
      };
      return { ok: true, value };
    },

    async sendAgain(id) {
      const allowed = await permit('HANDLE_MAIL', { command: 'mail again', message: id });
      if (!allowed.ok) return allowed;
      return database.transaction(async (sql) => {
        if (!isUuid(id) || !(await sendAgain(sql, id)))
          return {
            ok: false,
            code: 'MAIL_UNKNOWN',
            message: 'There is no such message that was given up, refused or is in doubt.',
          };
        const { accountId } = allowed.actor;
        await audit.write(sql, { accountId, grantId: null, action: 'SEND_MAIL_AGAIN', detail: { message: id } });
        return { ok: true, id };
      });
    },
  };
}
