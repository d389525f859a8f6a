import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CHECKOUT, withoutSettings } from '../../support/started-server.ts';
import type { ServerFacts } from './global-server.ts';

export interface IssEnded {
  /** null when it was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * The command line, as a person runs it in the checkout. With `killWhen` it is killed (SIGKILL) as soon as that says so.
 * @param token of who runs it; null for nobody
 */
export async function iss(
  server: ServerFacts,
  token: string | null,
  args: readonly string[],
  options: { killWhen?: () => Promise<boolean>; settings?: Record<string, string> } = {},
): Promise<IssEnded> {
  const child = spawn(process.execPath, [join(CHECKOUT, 'api/cli/iss.mjs'), ...args], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutSettings(process.env),
      ISS_URL: server.url,
      ISS_DATA_DIR: server.dataDirectory,
      ...(token !== null && { ISS_TOKEN: token }),
      ...options.settings,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  while (options.killWhen && child.exitCode === null) {
    if (await options.killWhen()) child.kill('SIGKILL');
    if (child.signalCode !== null || child.killed) break;
    await new Promise((done) => setTimeout(done, 10));
  }
  await closed;
  return { code: child.exitCode, stdout, stderr };
}
