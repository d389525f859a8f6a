import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { tokenText } from '../../governance/personal-token.ts';
import { freePort } from '../services/support/service.ts';
import { addResearcher } from '../support/person-fixture.ts';
import { sealedObjects } from '../support/sealed-objects.ts';
import { CHECKOUT, startServerProcess, withoutSettings } from '../support/started-server.ts';
import { fillStudy } from '../support/study-fixture.ts';

interface Figure {
  what: string;
  unit: string;
  value: number;
}

/** Frames of the landmarks that are exported; ISS has about 730,000, which are 4.1 GB. */
const FRAMES = Number(process.env.ISS_BENCH_FRAMES ?? 40_000);
const A_SUBMISSION = 1430;
const PATIENTS = 29;
const RECORD_BYTES = 468 * 3 * 4;
/** Of the one file that is downloaded by ranges, 128 MiB. */
const LARGE_FRAMES = 23_900;
const RANGE = 4 << 20;
const AT_ONCE = 4;
const MIB = 2 ** 20;

/** The bulk path of a real server as a process of its own: an export made, pulled beside `cp` and `sha256sum` of the same bytes, a pull and a server killed in the middle, ranges beside nginx. */
export async function benchBulk(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-bench-bulk-'));
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, 'postgres'),
    password: randomBytes(12).toString('hex'),
    durable: false,
  });
  const dataDirectory = join(folder, 'data');
  const settings = {
    PORT: String(await freePort()),
    ISS_DEMO: '0',
    ISS_STUDY: 'bulk',
    ISS_WORKERS: '1',
    ISS_DATABASE_URL: postgres.ownerUrl('postgres'),
  };
  const start = () => startServerProcess({ dataDirectory, settings });
  let server = await start();
  const pool = new pg.Pool({ connectionString: settings.ISS_DATABASE_URL, max: 4 });
  try {
    const { token, largeToken } = await fill(pool, dataDirectory);
    const figures: Figure[] = [];
    const say = (what: string, unit: string, value: number): void => void figures.push({ what, unit, value });
    const environment = { ISS_URL: server.url, ISS_TOKEN: token, ISS_CONFIG_DIR: join(folder, 'cli') };
    const modalities = ['--modalities', 'LANDMARKS', '--json'];

    const first = await run(environment, ['export', '--study', 'bulk', ...modalities, '-o', join(folder, 'first')]);
    const { export: id, files, bytes } = JSON.parse(first.said) as { export: string; files: number; bytes: number };
    say('export of landmarks', 'files', files);
    say('export of landmarks', 'MiB', bytes / MIB);
    say('export made and pulled', 's', first.seconds);

    const base = highWater(server.process.pid!);
    const pulled = await run(environment, ['pull', id, '-o', join(folder, 'pulled')]);
    const copied = await copyAndSum(join(folder, 'pulled'), join(folder, 'copied'));
    // Once more, in the other order: what is in memory already favours whoever comes later.
    const copiedAgain = await copyAndSum(join(folder, 'pulled'), join(folder, 'copied'));
    const again = await run(environment, ['pull', id, '-o', join(folder, 'again')]);
    const pull = Math.min(pulled.seconds, again.seconds);
    const copy = Math.min(copied, copiedAgain);
    say('iss pull', 'MiB/s', bytes / MIB / pull);
    say('cp and sha256sum', 'MiB/s', bytes / MIB / copy);
    say('iss pull / cp and sha256sum (aim 0.8)', '', copy / pull);
    say('memory of iss pull at most', 'MiB', Math.max(pulled.memory, again.memory) / 1024);
    say('memory of the server before pulls', 'MiB', base / 1024);
    say('memory of the server at most', 'MiB', highWater(server.process.pid!) / 1024);
    for (const name of ['copied', 'again', 'first']) await rm(join(folder, name), { recursive: true });

    // A pull that is killed in the middle, then the server, then it is run to its end.
    const cut = join(folder, 'cut');
    await run(environment, ['pull', id, '-o', cut], async (child) => {
      if ((await bytesIn(cut)) > bytes / 3) child.kill('SIGKILL');
    });
    say('there after the pull was killed', 'MiB', (await bytesIn(cut)) / MIB);
    let killed = false;
    const resumed = await run(environment, ['pull', id, '-o', cut], async () => {
      if (killed || (await bytesIn(cut)) < (bytes * 2) / 3) return;
      killed = true;
      const gone = once(server.process, 'exit');
      server.process.kill('SIGKILL');
      await gone;
      server = await start();
    });
    const whole = await run(environment, ['verify', cut]);
    if (resumed.code !== 0 || whole.code !== 0)
      throw new Error(`it was not gone on with: ${resumed.said}${whole.said}`);
    say('gone on with, the server killed in the middle', 's', resumed.seconds);
    await rm(cut, { recursive: true });

    figures.push(...(await ranges(server.url, largeToken, { ...environment, ISS_TOKEN: largeToken }, folder)));
    return figures;
  } finally {
    await pool.end();
    await server.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two studies, the second of one large file, and somebody for each who may export it. */
async function fill(pool: pg.Pool, dataDirectory: string): Promise<{ token: string; largeToken: string }> {
  const { sealingKey } = JSON.parse(await readFile(join(dataDirectory, 'secrets.json'), 'utf8')) as {
    sealingKey: string;
  };
  const { objects } = sealedObjects(dataDirectory, Buffer.from(sealingKey, 'base64url'));
  const at = new Date();
  const submissions = Math.max(1, Math.round(FRAMES / A_SUBMISSION / PATIENTS));
  const frames = Math.round(FRAMES / submissions / PATIENTS);
  const study = await fillStudy({ pool, objects }, { key: 'bulk', patients: PATIENTS, submissions, frames, at });
  const large = { key: 'large', patients: 1, submissions: 1, folds: 1, frames: LARGE_FRAMES, at };
  const { studyId } = await fillStudy({ pool, objects }, large);
  return {
    token: await tokenFor(pool, 'ada', study.studyId, at),
    largeToken: await tokenFor(pool, 'ada-large', studyId, at),
  };
}

/** A researcher with a grant for everything of a study. @returns their personal token */
async function tokenFor(pool: pg.Pool, name: string, studyId: string, at: Date): Promise<string> {
  const person = await addResearcher(pool, { name, studyId, now: at });
  const token = tokenText(randomBytes(32));
  await pool.query(
    `INSERT INTO personal_token (id, sha256, account_id, grant_id, name, created_at, expires_at) VALUES ($1, $2, $3, $4, 'bench', $5, $6)`,
    [
      ...[randomUUID(), createHash('sha256').update(token).digest('hex'), person.accountId, person.grantId],
      ...[at, new Date(at.getTime() + 86_400_000)],
    ],
  );
  return token;
}

interface Ended {
  code: number | null;
  said: string;
  seconds: number;
  /** High-water mark, in KiB. */
  memory: number;
}

/** `iss` as a process of its own. @param look asked again and again while it runs */
async function run(
  environment: Record<string, string>,
  words: string[],
  look?: (child: ChildProcess) => Promise<void>,
): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(CHECKOUT, 'api/cli/iss.mjs'), ...words], {
    env: { ...withoutSettings(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let memory = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let noted = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    noted = (noted + text).slice(-2000);
  });
  const closed = once(child, 'close');
  while (child.exitCode === null && child.signalCode === null) {
    memory = Math.max(memory, highWater(child.pid!));
    await look?.(child);
    await Promise.race([closed, new Promise((wake) => setTimeout(wake, 50))]);
  }
  await closed;
  const seconds = (performance.now() - began) / 1000;
  // A server that stays away for most of a minute ends a pull, which is then run again.
  if (child.exitCode !== 0 && noted.includes('Run it again to resume')) {
    const more = await run(environment, words);
    return { ...more, seconds: more.seconds + seconds };
  }
  if (child.exitCode !== 0 && child.signalCode === null)
    throw new Error(`iss ${words.join(' ')}: ${child.exitCode} ${said}${noted}`);
  return { code: child.exitCode, said, seconds, memory };
}

/** Largest resident memory of a process so far, in KiB; 0 where the system does not say. */
function highWater(pid: number): number {
  // Read and not asked of another program: it is asked often beside what is measured.
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0);
}

/** Copies a folder and sums what was copied, as somebody does who takes files from a disk and looks whether they are the listed ones. @returns seconds */
async function copyAndSum(from: string, to: string): Promise<number> {
  await rm(to, { recursive: true, force: true });
  const began = performance.now();
  execFileSync('cp', ['-r', from, to]);
  execFileSync('sh', ['-c', 'find "$0" -type f -print0 | xargs -0 sha256sum > /dev/null', to]);
  return (performance.now() - began) / 1000;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** One file of 128 MiB: whole, and by ranges of 4 MiB four at a time, from the portal and from nginx, by the same reader. */
async function ranges(
  url: string,
  token: string,
  environment: Record<string, string>,
  folder: string,
): Promise<Figure[]> {
  const place = join(folder, 'large');
  const words = ['export', '--study', 'large', '--modalities', 'LANDMARKS', '--json', '-o', place];
  const { export: id } = JSON.parse((await run(environment, words)).said) as { export: string };
  const [path] = (await readdir(join(place, 'landmarks'), { recursive: true })).filter((name) => name.endsWith('.f32'));
  const size = (await stat(join(place, 'landmarks', path!))).size;
  if (size !== LARGE_FRAMES * RECORD_BYTES) throw new Error(`the large file has ${size} bytes`);
  const ticket = async (): Promise<string> => {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: 'query ($id: ID!) { export(id: $id) { files(first: 100) { nodes { path file { url } } } } }',
        variables: { id },
      }),
    });
    const { data } = (await answer.json()) as {
      data: { export: { files: { nodes: { path: string; file: { url: string } }[] } } };
    };
    const found = data.export.files.nodes.find((node) => node.path === `landmarks/${path}`)!;
    return new URL(new URL(found.file.url).pathname, url).href;
  };
  const headers = { authorization: `Bearer ${token}` };
  const ours = {
    whole: await best(await ticket(), headers, size, size),
    parts: await best(await ticket(), headers, size, RANGE),
  };
  const figures: Figure[] = [
    { what: 'one file of 128 MiB, whole', unit: 'MiB/s', value: ours.whole },
    { what: 'one file of 128 MiB, by ranges', unit: 'MiB/s', value: ours.parts },
  ];
  const nginx = await startNginx(folder, join(place, 'landmarks', path!));
  if (nginx === null) {
    process.stdout.write(
      'nginx is not on this machine (Debian: apt-get install nginx): ranges are measured without it.\n',
    );
    return figures;
  }
  try {
    const theirs = { whole: await best(nginx.url, {}, size, size), parts: await best(nginx.url, {}, size, RANGE) };
    figures.push(
      { what: 'the same from nginx, whole', unit: 'MiB/s', value: theirs.whole },
      { what: 'the same from nginx, by ranges', unit: 'MiB/s', value: theirs.parts },
      { what: 'whole, portal / nginx', unit: '', value: ours.whole / theirs.whole },
      { what: 'by ranges, portal / nginx (aim 0.8)', unit: '', value: ours.parts / theirs.parts },
    );
    return figures;
  } finally {
    await nginx.stop();
  }
}

/** The best of five, in MiB/s. */
async function best(url: string, headers: Record<string, string>, size: number, range: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let seconds = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    let next = 0;
    const reader = async (): Promise<void> => {
      for (let first = next; first < size; first = next) {
        next = Math.min(size, first + range);
        await readAway(url, { ...headers, range: `bytes=${first}-${next - 1}` }, agent, next - first);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, Math.ceil(size / range)) }, reader));
    seconds = Math.min(seconds, (performance.now() - began) / 1000);
  }
  agent.destroy();
  return size / MIB / seconds;
}

function readAway(url: string, headers: Record<string, string>, agent: Agent, expected: number): Promise<void> {
  return new Promise((done, failed) => {
    get(url, { headers, agent }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.on('end', () =>
        bytes === expected && response.statusCode === 206
          ? done()
          : failed(new Error(`${response.statusCode}: ${bytes} bytes instead of ${expected}`)),
      );
    }).on('error', failed);
  });
}

/** nginx with one worker for each core, sendfile, and nothing but the file. */
async function startNginx(folder: string, file: string): Promise<{ url: string; stop(): Promise<void> } | null> {
  const program = process.env.ISS_BENCH_NGINX ?? 'nginx';
  if (spawnSync(program, ['-v']).status !== 0) return null;
  const home = join(folder, 'nginx');
  await mkdir(join(home, 'root'), { recursive: true });
  await copyFile(file, join(home, 'root', 'large'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${home}/${name};`,
  );
  await writeFile(
    join(home, 'nginx.conf'),
    `daemon off; worker_processes auto; pid ${home}/pid; error_log stderr crit; ${process.getuid?.() === 0 ? 'user root;' : ''}
events {} http { access_log off; sendfile on; tcp_nopush on; ${temporary.join(' ')} server { listen 127.0.0.1:${port}; root ${home}/root; } }\n`,
  );
  const child = spawn(program, ['-p', home, '-c', join(home, 'nginx.conf')], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/large`;
  for (let tries = 0; !(await fetch(url, { method: 'HEAD' }).catch(() => null)); tries++) {
    if (tries > 200) throw new Error('nginx does not answer');
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return {
    url,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
