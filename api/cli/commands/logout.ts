import { discoverLogin, revokeLogin } from '../../auth/device-login.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { serverUrl } from '../server-url.ts';
import { configDirectory, tokenStore } from '../token-store.ts';

/** Ends the login at the realm, where that answers, and forgets it here in any case. */
export async function logout(io: Io, options: { json?: true }): Promise<void> {
  const server = serverUrl(io.environment);
  const store = tokenStore(configDirectory(io.environment), io);
  const was = await store.locked(server, async () => {
    // A damaged file is what logout is for.
    const login = await store.read(server).catch((error: unknown) => {
      if (error instanceof CommandFailed) return null;
      throw error;
    });
    await store.remove(server);
    return login;
  });
  const endpoints = was && (await discoverLogin(server, io));
  if (was && endpoints?.ok) await revokeLogin(endpoints, was.refreshToken, io);
  const ended = Boolean(endpoints?.ok);
  if (options.json) return printJson(io, { signedIn: false, wasSignedIn: was !== null, endedAtServer: ended });
  if (!was) return io.print(`Nobody was signed in at ${server}.`);
  io.print(`Signed out of ${server}.`);
  if (!ended) io.note('The server did not answer, so the login ends there only when it expires.');
}
