import { keyLine } from '../../../governance/checkpoint.ts';
import { systemClock, systemIds } from '../../adapters/clock/clock.ts';
import { connectDatabase } from '../../adapters/database/database.ts';
import { auditLog } from '../../services/audit/audit-log.ts';
import { changeCheckpointKey, checkpointFolder } from '../../services/audit/checkpoints.ts';
import { endingsPath } from '../../services/backup/endings-journal.ts';
import { openSystem } from '../../services/backup/system.ts';
import {
  PURPOSES,
  type Purpose,
  type Rotation,
  rotateDatabase,
  rotateInvitations,
  rotateRealm,
  rotateSealing,
  rotateTickets,
} from '../../services/keys/rotate-keys.ts';
import { settingsOf } from '../beside-server.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { counted } from '../terminal.ts';
import { told } from './replay.ts';

const ROTATE: Readonly<Record<Purpose, (of: Rotation) => Promise<string>>> = {
  sealing: async (of) =>
    `${counted(await rotateSealing(of), 'key')} of patients and exports wrapped under a new sealing key. Portal sessions end. Mirror the key folder anew and take a backup: the old ones fit the old key.`,
  tickets: async (of) =>
    `A new key for tickets; those of the old one are opened until ${(await rotateTickets(of)).toISOString()}.`,
  async invitations(of) {
    const waiting = await rotateInvitations(of);
    if (waiting > 0)
      throw new CommandFailed(
        `${counted(waiting, 'invitation')} ${waiting === 1 ? 'has' : 'have'} not been mailed yet, and would carry a link that opens nothing. Start the server until iss mail unsent lists none, then rotate.`,
        { code: 'MAIL_WAITS' },
      );
    return 'A new key for the links of invitations; those that were mailed stay good until they run out or are taken back.';
  },
  async database(of) {
    await rotateDatabase(of);
    return of.config.ISS_DATABASE_URL
      ? 'A new password for the role iss_app, which the next start sets. The owner’s is yours to change, in ISS_DATABASE_URL.'
      : 'New passwords for the database’s owner and the role iss_app.';
  },
  async realm(of) {
    if (of.config.ISS_OIDC_ISSUER)
      throw new CommandFailed(
        `The keys of ${of.config.ISS_OIDC_ISSUER} are Keycloak's: change them there (Realm settings, Keys).`,
        { code: 'NOT_OURS' },
      );
    await rotateRealm(of);
    return 'The embedded realm makes new keys at the next start: everybody signs in anew.';
  },
  async log({ config, ownerUrl, clock, random }) {
    const database = connectDatabase(ownerUrl, { poolSize: 2 });
    try {
      const audit = auditLog(clock, systemIds);
      const folder = checkpointFolder(config);
      const ring = await changeCheckpointKey({
        database,
        clock,
        audit,
        dataDirectory: config.dataDirectory,
        random,
        folder,
        journal: endingsPath(folder),
      });
      return `${keyLine(ring.key)}\nThe old key has signed this one and is gone: carry the new note to the auditor.`;
    } finally {
      await database.close();
    }
  },
};

/** Changes a key of ours while no server runs; the next start uses it. @throws CommandFailed */
export const rotate = (io: Io, purpose: string, { json }: { json?: true }): Promise<void> =>
  told(async () => {
    const known = PURPOSES.find((one) => one === purpose);
    if (!known) throw wrongUsage(`There is no key for ${purpose}: ${PURPOSES.join(', ')}.`);
    const config = settingsOf(io);
    const system = await openSystem(config, { alone: true });
    try {
      const said = await ROTATE[known]({
        ...{ config, ownerUrl: system.ownerUrl, clock: systemClock, random: systemIds.random },
      });
      if (json) printJson(io, { purpose: known, said });
      else for (const line of said.split('\n')) io.print(line);
    } finally {
      await system.close();
    }
  });
