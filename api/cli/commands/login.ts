import {
  type CliTokens,
  discoverLogin,
  type LoginEndpoints,
  passwordLogin,
  pollDeviceLogin,
  startDeviceLogin,
} from '../../auth/device-login.ts';
import { openClient } from '../client.ts';
import { interrupted, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { readPassword } from '../password.ts';
import { serverUrl } from '../server-url.ts';
import { loginFailed, toStored } from '../session.ts';
import { safe } from '../terminal.ts';
import { configDirectory, tokenStore } from '../token-store.ts';
import { readViewer } from './viewer.ts';

export interface LoginOptions {
  username?: string;
  passwordStdin?: true;
  json?: true;
}

/** Signs in and keeps the login. @throws CommandFailed */
export async function login(io: Io, options: LoginOptions): Promise<void> {
  if (options.passwordStdin && !options.username) throw wrongUsage('--password-stdin needs --username.');
  const server = serverUrl(io.environment);
  const endpoints = await discoverLogin(server, io);
  if (!endpoints.ok) throw loginFailed(endpoints, server);
  const tokens = options.username
    ? await byPassword(io, endpoints, options.username, Boolean(options.passwordStdin))
    : await byDevice(io, endpoints, Boolean(options.json));
  const store = tokenStore(configDirectory(io.environment), io);
  await store.locked(server, () => store.write(toStored(server, tokens)));
  // ISS_TOKEN would hide the new login from the next line.
  const client = openClient({ ...io, environment: { ...io.environment, ISS_TOKEN: undefined } });
  const viewer = await readViewer(client).catch(() => null);
  if (options.json) printJson(io, { signedIn: true, server, username: viewer?.account.username ?? null });
  else io.print(`Signed in at ${server}${viewer ? ` as ${safe(viewer.account.username)}` : ''}.`);
  if (io.environment.ISS_TOKEN) io.note('ISS_TOKEN is set, and goes before this login.');
}

async function byPassword(io: Io, endpoints: LoginEndpoints, username: string, fromStdin: boolean): Promise<CliTokens> {
  const password = await readPassword(io, fromStdin);
  const tokens = await passwordLogin(endpoints, { username, password }, io);
  if (!tokens.ok) throw loginFailed(tokens, new URL(endpoints.issuer).origin);
  return tokens;
}

async function byDevice(io: Io, endpoints: LoginEndpoints, json: boolean): Promise<CliTokens> {
  const device = await startDeviceLogin(endpoints, io);
  if (!device.ok) throw loginFailed(device, new URL(endpoints.issuer).origin);
  if (json) {
    const { verificationUrl, verificationUrlComplete, userCode, expiresAt } = device;
    printJson(io, {
      event: 'code',
      verificationUrl,
      verificationUrlComplete,
      userCode,
      expiresAt: expiresAt.toISOString(),
    });
  } else {
    io.note(`Open ${safe(device.verificationUrlComplete)}`);
    io.note(`and confirm the code ${safe(device.userCode)}. Waiting …`);
  }
  const tokens = await pollDeviceLogin(endpoints, device, io, io.signal).catch((error: unknown) => {
    throw io.signal.aborted ? interrupted('Interrupted: nobody was signed in.') : error;
  });
  if (!tokens.ok) throw loginFailed(tokens, new URL(endpoints.issuer).origin);
  return tokens;
}
