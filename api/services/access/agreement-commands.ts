import type { Actor } from '../../../governance/actor.ts';
import { type AgreementVersion, agreementInForce, graceEnd } from '../../../governance/agreement.ts';
import {
  decidePublication,
  type MustSign,
  mustSign,
  PUBLICATION_REFUSALS,
  type Signer,
} from '../../../governance/agreement-publication.ts';
import { isLocalDate, startOfDay } from '../../../governance/calendar.ts';
import type { AgreementCommands, AgreementStandingFacts } from '../../../schema/services/agreements.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';
import { agreementVersions, currentPolicy } from './policy.ts';

type Stored = Omit<AgreementStandingFacts, 'standing' | 'effectiveAt' | 'earlierSignaturesEndAt'>;

/** Everybody whose signature a living grant hangs on: its members, and the officials of its institution. */
async function signersOf(sql: Sql, now: Date): Promise<Signer[]> {
  const { rows } = await sql.query<{
    accountId: string;
    grantId: string;
    as: Signer['as'];
    signatures: { accountId: string; version: number; as: Signer['as']; signedAt: string }[];
  }>(
    `WITH living AS (SELECT id, institution_id FROM data_grant WHERE state IN ('ACTIVE', 'SUSPENDED') AND ends_at > $1),
     signer AS (
       SELECT m.account_id, l.id AS grant_id, 'MEMBER' AS capacity FROM living l JOIN grant_member m ON m.grant_id = l.id AND m.removed_at IS NULL
       UNION ALL
       SELECT o.account_id, l.id, 'OFFICIAL' FROM living l JOIN official o ON o.institution_id = l.institution_id)
     SELECT s.account_id AS "accountId", s.grant_id AS "grantId", s.capacity AS "as",
       (SELECT coalesce(json_agg(json_build_object('accountId', g.account_id, 'version', g.version, 'as', g.capacity, 'signedAt', g.signed_at)), '[]')
        FROM grant_signature g WHERE g.grant_id = s.grant_id AND g.capacity = s.capacity
          -- Any official's signature stands for the institution.
          AND (s.capacity = 'OFFICIAL' OR g.account_id = s.account_id)) AS signatures
     FROM signer s ORDER BY s.account_id, s.grant_id, s.capacity`,
    [now],
  );
  return rows.map(({ signatures, ...signer }) => ({
    ...signer,
    signatures: signatures.map((one) => ({ ...one, signedAt: new Date(one.signedAt) })),
  }));
}

/** Versions of the data use agreement: read by everybody, published by a steward, those told who have to sign. */
export function agreementCommands(deps: CommandDeps, actor: Actor): AgreementCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);

  async function standings(sql: Sql, now: Date): Promise<AgreementStandingFacts[]> {
    const { rows } = await sql.query<Stored & Record<string, unknown>>(
      `SELECT version, title, text, sha256, effective_on AS "effectiveOn", grace_days AS "graceDays", editorial, published_at AS "publishedAt"
       FROM agreement ORDER BY version DESC`,
    );
    if (rows.length === 0) return [];
    const { timeZone } = await currentPolicy(sql, now);
    const inForce = agreementInForce(rows, now, timeZone);
    return rows.map((row) => {
      const effective = startOfDay(row.effectiveOn, timeZone);
      const ahead = effective > now.getTime() && row.version > (inForce?.version ?? 0);
      const standing = row.version === inForce?.version ? 'IN_FORCE' : ahead ? 'ANNOUNCED' : 'SUPERSEDED';
      return {
        ...row,
        standing,
        effectiveAt: new Date(effective),
        earlierSignaturesEndAt: row.editorial ? null : new Date(graceEnd(row, timeZone)),
      };
    });
  }

  /** One message for each person, however many of their grants it is about. */
  async function tell(
    sql: Sql,
    next: AgreementVersion & { title: string },
    losers: readonly MustSign[],
  ): Promise<void> {
    const { timeZone } = await currentPolicy(sql, clock.now());
    const until = new Date(graceEnd(next, timeZone)).toISOString();
    for (const accountId of new Set(losers.map((one) => one.accountId)))
      await queueMail(sql, {
        to: { accountId },
        template: 'agreement-published',
        data: {
          title: next.title,
          version: next.version,
          effectiveOn: next.effectiveOn,
          until,
          timeZone,
          official: losers.some((one) => one.accountId === accountId && one.as === 'OFFICIAL'),
        },
        once: `agreement.${next.version}.${accountId}`,
      });
  }

  return {
    versions: () => standings(database, clock.now()),

    async preview({ effectiveOn, graceDays, editorial }) {
      const allowed = await permit('PUBLISH_AGREEMENT', { query: 'agreementPreview' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const policy = await currentPolicy(database, now);
      const versions = await agreementVersions(database);
      const version = Math.max(0, ...versions.map((one) => one.version)) + 1;
      const days = graceDays ?? (editorial ? 0 : policy.agreementGraceDays);
      if (!isLocalDate(effectiveOn) || !Number.isInteger(days) || days < 0 || days > 365)
        return { ok: true, value: null };
      const next = { version, effectiveOn, graceDays: days, editorial };
      const losers = mustSign(versions, next, await signersOf(database, now), policy.timeZone, now);
      const people = await peopleOf(
        database,
        losers.map(({ accountId }) => accountId),
      );
      return {
        ok: true,
        value: {
          version,
          graceDays: days,
          effectiveAt: new Date(startOfDay(effectiveOn, policy.timeZone)),
          until: editorial ? null : new Date(graceEnd(next, policy.timeZone)),
          mustSign: losers.flatMap(({ accountId, until, ...one }) => {
            const person = people.get(accountId);
            return person === undefined ? [] : [{ ...one, person, until: new Date(until) }];
          }),
        },
      };
    },

    async publish(input) {
      const allowed = await permit('PUBLISH_AGREEMENT', { command: 'agreement publish', version: input.version });
      if (!allowed.ok) return allowed;
      const { accountId } = allowed.actor;
      return database.transaction(async (sql) => {
        // One publication at a time: the second sees the first's number.
        await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('agreement', 0))`);
        const now = clock.now();
        const policy = await currentPolicy(sql, now);
        const versions = await agreementVersions(sql);
        const outcome = decidePublication(versions, input, policy, now);
        if (!outcome.ok) {
          const { code } = outcome;
          await audit.write(sql, {
            accountId,
            grantId: null,
            action: 'COMMAND_REFUSED',
            detail: { command: 'agreement publish', version: input.version, code },
          });
          return { ok: false, code, message: PUBLICATION_REFUSALS[code] };
        }
        const { agreement } = outcome;
        const losers = mustSign(versions, agreement, await signersOf(sql, now), policy.timeZone, now);
        await sql.query(
          `INSERT INTO agreement (version, title, text, sha256, effective_on, grace_days, editorial, published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [
            agreement.version,
            agreement.title,
            agreement.text,
            agreement.sha256,
            agreement.effectiveOn,
            agreement.graceDays,
            agreement.editorial,
            now,
            accountId,
          ],
        );
        await tell(sql, agreement, losers);
        const { version, effectiveOn, graceDays, editorial, sha256 } = agreement;
        const toSign = new Set(losers.map((one) => one.accountId)).size;
        await audit.write(sql, {
          accountId,
          grantId: null,
          action: 'PUBLISH_AGREEMENT',
          detail: { version, effectiveOn, graceDays, editorial, sha256, toSign },
        });
        const published = (await standings(sql, now)).find((one) => one.version === version);
        if (published === undefined) throw new Error('an agreement that was just published is gone');
        return { ok: true, agreement: published, toSign };
      });
    },
  };
}
