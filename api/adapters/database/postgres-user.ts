import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const NAME = 'iss-postgres';

/**
 * PostgreSQL refuses to run as root, so under root it runs as a system account of its own, made on first use.
 * @returns undefined where we are not root (then it runs as ourselves).
 * @throws if the account can be neither found nor made.
 */
export async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = await ids();
  if (found) return found;
  try {
    await exec('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME]);
  } catch (cause) {
    // Another process may have been faster.
    const now = await ids();
    if (now) return now;
    throw new Error(
      `PostgreSQL does not run as root, and the account ${NAME} could not be made: start as another user, or set ISS_DATABASE_URL.`,
      { cause },
    );
  }
  const made = await ids();
  if (!made) throw new Error(`the account ${NAME} was made but cannot be found`);
  return made;
}

async function ids(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([exec('id', ['-u', NAME]), exec('id', ['-g', NAME])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/**
 * The command line that runs a program as that account. It keeps one capability, to read and enter folders: the checkout and its data may lie
 * under a folder that only root may enter (/root, a temporary folder of mode 0700). util-linux's setpriv is on every Debian.
 */
export function commandFor(program: string, args: string[], user: { uid: number; gid: number } | undefined): string[] {
  if (!user) return [program, ...args];
  const cap = '+dac_read_search';
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    `--inh-caps=${cap}`,
    `--ambient-caps=${cap}`,
    `--bounding-set=-all,${cap}`,
    '--no-new-privs',
    program,
    ...args,
  ];
}
