import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, NotCommitted, type Sql } from '../../api/adapters/database/database.ts';
import { eventually } from './eventually.ts';

export interface DatabaseUnderTest {
  database: Database;
  /** As the owner, for arranging. */
  owner: pg.Pool;
  /** Ends the database and has it started again; resolves once it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What must hold of every Database. */
export function databaseContract(name: string, start: () => Promise<DatabaseUnderTest>): void {
  describe(`${name} as a database`, () => {
    let under: DatabaseUnderTest;
    let database: Database;
    beforeAll(async () => {
      under = await start();
      database = under.database;
      await under.owner.query('CREATE TABLE tried (id int PRIMARY KEY, text text)');
      await under.owner.query('GRANT ALL ON tried TO iss_app');
    });
    afterAll(() => under.stop());

    const value = async (sql: Sql, expression: string, values: unknown[] = []) =>
      (await sql.query<{ v: unknown }>(`SELECT ${expression} AS v`, values)).rows[0]?.v;
    const texts = async (sql: Sql = database) =>
      (await sql.query<{ text: string }>('SELECT text FROM tried ORDER BY id')).rows.map((row) => row.text);
    const add = (sql: Sql, id: number, text: string) => sql.query('INSERT INTO tried VALUES ($1, $2)', [id, text]);

    describe('types', () => {
      it('gives bigint as a number, alone and in arrays', async () => {
        expect(await value(database, `'9007199254740991'::bigint`)).toBe(Number.MAX_SAFE_INTEGER);
        expect(await value(database, `ARRAY[1, NULL, 9007199254740991]::bigint[]`)).toEqual([1, null, 2 ** 53 - 1]);
        expect(await value(database, `'{}'::bigint[]`)).toEqual([]);
        expect(await value(database, 'NULL::bigint[]')).toBeNull();
        expect(await value(database, '(SELECT count(*) FROM tried)')).toBe(0);
      });

      it('leaves a local wall time text, whatever the zone of the machine', async () => {
        expect(await value(database, `'2021-03-14 02:30:00'::timestamp(0)`)).toBe('2021-03-14 02:30:00');
        expect(await value(database, `ARRAY['2021-03-14 02:30:00'::timestamp]`)).toEqual(['2021-03-14 02:30:00']);
        expect(await value(database, '$1::timestamp', ['2021-03-14T02:30:00'])).toBe('2021-03-14 02:30:00');
      });

      it('leaves a date text', async () => {
        expect(await value(database, `'2020-02-29'::date`)).toBe('2020-02-29');
        expect(await value(database, `ARRAY['2020-02-29', NULL]::date[]`)).toEqual(['2020-02-29', null]);
      });

      it('gives an instant back to the millisecond', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2200-01-01') }),
            async (at) => {
              expect(await value(database, '$1::timestamptz', [at])).toEqual(at);
            },
          ),
          { numRuns: 50 },
        );
      });

      it('gives doubles and JSON back as they were', async () => {
        await fc.assert(
          fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (number) => {
            expect(await value(database, '$1::double precision', [number])).toEqual(number + 0);
          }),
          { numRuns: 50 },
        );
        expect(await value(database, '$1::jsonb', [JSON.stringify({ a: [1, 'ä', null] })])).toEqual({
          a: [1, 'ä', null],
        });
      });
    });

    describe('transactions', () => {
      it('keeps all of what was done, and gives its result', async () => {
        const result = await database.transaction(async (sql) => {
          await add(sql, 1, 'one');
          await add(sql, 2, 'two');
          return texts(sql);
        });
        expect(result).toEqual(['one', 'two']);
        expect(await texts()).toEqual(['one', 'two']);
      });

      it('keeps nothing where the work throws, and throws the same', async () => {
        const failure = new Error('changed my mind');
        const end = database.transaction(async (sql) => {
          await add(sql, 3, 'three');
          throw failure;
        });
        await expect(end).rejects.toBe(failure);
        expect(await texts()).toEqual(['one', 'two']);
      });

      it('says so when a statement had failed and nobody was told', async () => {
        const end = database.transaction(async (sql) => {
          await add(sql, 4, 'four');
          await add(sql, 1, 'taken').catch(() => {});
          return 'done';
        });
        await expect(end).rejects.toThrow(NotCommitted);
        expect(await texts()).toEqual(['one', 'two']);
      });

      it('is seen by others only when it is over', async () => {
        await database.transaction(async (sql) => {
          await add(sql, 5, 'five');
          expect(await texts()).toEqual(['one', 'two']);
        });
        expect(await texts()).toEqual(['one', 'two', 'five']);
      });

      it('sees, with repeatable read, one moment', async () => {
        await database.transaction(
          async (sql) => {
            const before = await texts(sql);
            await add(database, 6, 'six');
            expect(await texts(sql)).toEqual(before);
          },
          { isolation: 'repeatable read' },
        );
        expect(await texts()).toContain('six');
      });

      it('refuses one of two serializable ones that exclude each other', async () => {
        const both = await Promise.allSettled(
          [10, 11].map((id) =>
            database.transaction(
              async (sql) => {
                const n = await value(sql, '(SELECT count(*) FROM tried WHERE id >= 10)');
                await met();
                if (n === 0) await add(sql, id, 'alone');
              },
              { isolation: 'serializable' },
            ),
          ),
        );
        expect(both.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
        expect((both.find((end) => end.status === 'rejected') as PromiseRejectedResult).reason.code).toBe('40001');
      });

      it('gives connections back, however it ends', async () => {
        for (let i = 0; i < 60; i++) {
          await database.transaction(() => Promise.reject(new Error('no'))).catch(() => {});
          await database.transaction((sql) => sql.query('SELECT no_such_column')).catch(() => {});
        }
        expect(await value(database, '1')).toBe(1);
      });

      it('fails, and nothing worse, when its connection is lost between two statements', async () => {
        const end = database.transaction(async (sql) => {
          await add(sql, 20, 'lost');
          const { rows } = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          await under.owner.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
          await eventually('the backend is gone', async () => {
            const { rows: left } = await under.owner.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [
              rows[0]!.pid,
            ]);
            return left.length === 0;
          });
          await add(sql, 21, 'after');
        });
        await expect(end).rejects.toThrow();
        expect(await texts()).not.toContain('lost');
        expect(await value(database, '1')).toBe(1);
      });
    });

    describe('as the role iss_app', () => {
      it('may not change tables, nor the log', async () => {
        await expect(database.query('CREATE TABLE mine (id int)')).rejects.toMatchObject({ code: '42501' });
        await expect(database.query('DROP TABLE job')).rejects.toMatchObject({ code: '42501' });
        await expect(database.query('DELETE FROM audit_entry')).rejects.toMatchObject({ code: '42501' });
        await expect(database.query(`UPDATE audit_link SET hash = ''`)).rejects.toMatchObject({ code: '42501' });
        await expect(database.query('TRUNCATE audit_entry')).rejects.toMatchObject({ code: '42501' });
      });

      it('may not say which migrations were applied', async () => {
        for (const statement of [
          `UPDATE _prisma_migrations SET checksum = ''`,
          'DELETE FROM _prisma_migrations',
          `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', 'x')`,
        ])
          await expect(database.query(statement), statement).rejects.toMatchObject({ code: '42501' });
        const { rows } = await database.query('SELECT 1 FROM _prisma_migrations');
        expect(rows).not.toEqual([]);
      });
    });

    describe('listening', () => {
      it('hears what is notified, only on its channel, until it stops', async () => {
        const heard: string[] = [];
        const stop = await database.listen('tried', (payload) => heard.push(payload));
        await database.query(`SELECT pg_notify('other', 'no')`);
        await database.query(`SELECT pg_notify('tried', 'yes')`);
        await eventually('heard', () => heard.length > 0);
        expect(heard).toEqual(['yes']);
        await stop();
        await database.query(`SELECT pg_notify('tried', 'too late')`);
        await database.query('SELECT 1');
        expect(heard).toEqual(['yes']);
      });

      it('hears nothing of a transaction that was rolled back', async () => {
        const heard: string[] = [];
        const stop = await database.listen('tried', (payload) => heard.push(payload));
        await database
          .transaction(async (sql) => {
            await sql.query(`SELECT pg_notify('tried', 'undone')`);
            throw new Error('no');
          })
          .catch(() => {});
        await database.query(`SELECT pg_notify('tried', 'done')`);
        await eventually('heard', () => heard.length > 0);
        expect(heard).toEqual(['done']);
        await stop();
      });

      it('goes on after the database was restarted, and so does everything else', async () => {
        const heard: string[] = [];
        const stop = await database.listen('tried', (payload) => heard.push(payload));
        const open = database.transaction(async (sql) => {
          await add(sql, 30, 'unfinished');
          await under.restart();
          await add(sql, 31, 'after');
        });
        await expect(open).rejects.toThrow();
        await eventually('queries answer again', () => value(database, '1').catch(() => null));
        expect(await texts()).not.toContain('unfinished');
        await eventually('heard again', async () => {
          await database.query(`SELECT pg_notify('tried', 'back')`);
          return heard.includes('back');
        });
        await stop();
        const { rows } = await under.owner.query(
          `SELECT 1 FROM pg_stat_activity WHERE application_name = 'iss listen' AND state IS NOT NULL AND query LIKE 'LISTEN "tried"%'`,
        );
        expect(rows).toHaveLength(0);
      });
    });
  });

  /** Resolves when it was called twice: two transactions meet in the middle. */
  let waiting: (() => void) | undefined;
  const met = (): Promise<void> =>
    new Promise((go) => {
      if (waiting) {
        waiting();
        go();
      } else waiting = go;
    });
}
