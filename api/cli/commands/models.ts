import { readFile } from 'node:fs/promises';
import { backendsAtHand } from '../../../pipeline/baselines/network/backend-at-hand.ts';
import { SafetensorsError } from '../../../pipeline/baselines/network/safetensors.ts';
import { KNOWN_WEIGHTS } from '../../../pipeline/weights/known-weights.ts';
import { publishedWeights } from '../../../pipeline/weights/published-weights.ts';
import { addWeights, storedWeights, WeightsThere } from '../../services/weights/weights-store.ts';
import { settingsOf } from '../beside-server.ts';
import { CommandFailed, systemFailure } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { bytesText, safe } from '../terminal.ts';

/** Lists the weights that a user may add: which are there, where the others are to be had, and what runs without them. @throws CommandFailed */
export async function listModels(io: Io, options: { json?: true }): Promise<void> {
  const { dataDirectory } = settingsOf(io);
  const there = await storedWeights(dataDirectory).catch((error: unknown) => {
    throw systemFailure(error, safe(dataDirectory)) ?? error;
  });
  const all = KNOWN_WEIGHTS.map(({ key, title, origin, licence, serves, without }) => ({
    ...{ key, title, serves, without },
    added: there.get(key) ?? null,
    available: { origin, licence },
  }));
  const { used, missing } = await backendsAtHand();
  if (options.json) return printJson(io, { models: all, backend: { name: used.name, gpu: used.gpu, missing } });
  for (const { key, title, serves, without, added, available } of all) {
    io.print(`${key}: ${title}. For ${serves}.`);
    if (added) {
      io.print(`  added ${added.addedAt.slice(0, 10)}, ${bytesText(added.bytes)}, SHA-256 ${added.sha256}`);
      io.print(`  from ${safe(added.origin)}; ${safe(added.licence)}`);
    } else {
      io.print(`  not here. To be had: ${available.origin}; ${available.licence}.`);
      io.print(`  ${without}`);
    }
  }
  io.print(`Networks are trained by ${used.name}, ${used.gpu ? 'on a GPU' : 'on the processor'}.`);
  for (const { name, why } of missing) io.print(safe(`  ${name}: ${why}.`));
}

/** Adds weights of a user's to the data folder of this machine's server. @throws CommandFailed */
export async function addModel(
  io: Io,
  path: string,
  options: { licence?: string; origin?: string; replace?: true; json?: true },
): Promise<void> {
  const { dataDirectory } = settingsOf(io);
  const file = await readFile(path).catch((error: unknown) => {
    throw systemFailure(error, safe(path)) ?? error;
  });
  const { licence, origin, replace = false } = options;
  const about = { ...(licence !== undefined && { licence }), ...(origin !== undefined && { origin }) };
  const { kind, stored, already } = await addWeights(dataDirectory, file, { ...about, replace, now: io.now() }).catch(
    (error: unknown) => {
      if (error instanceof SafetensorsError)
        throw new CommandFailed(`${safe(path)} is not taken: ${safe(error.message)}`, { code: 'WEIGHTS_REFUSED' });
      if (error instanceof WeightsThere)
        throw new CommandFailed(`${error.message} --replace puts these in their place.`, { code: 'WEIGHTS_THERE' });
      throw systemFailure(error, safe(dataDirectory)) ?? error;
    },
  );
  const published = publishedWeights(file)?.name ?? null;
  if (options.json) return printJson(io, { key: kind.key, ...stored, published, already });
  io.print(
    `${kind.key}: ${kind.title}, ${bytesText(stored.bytes)}, SHA-256 ${stored.sha256}${already ? ', was here already' : ''}.`,
  );
  io.print(`From ${safe(stored.origin)}; ${safe(stored.licence)}. For ${kind.serves}.`);
  if (published) io.print(`Found to be ${published}, tensor by tensor.`);
  else if (stored.originStated)
    io.print('Results made with them say that their origin is stated by you, and not verified.');
  else io.print('Results made with them say that nobody has stated their origin: --origin does.');
}
