import { wrongUsage } from './exit.ts';
import type { Io } from './io.ts';
import { safe } from './terminal.ts';

/**
 * Lets a person think twice before what cannot be undone: they write out the word that is meant. A script says `--yes`.
 * @throws CommandFailed where they write something else, or there is no terminal to ask on
 */
export async function confirm(io: Io, what: { sentence: string; word: string; yes: boolean }): Promise<void> {
  if (what.yes) return;
  io.note(safe(what.sentence));
  const answer = await io.ask(`Write ${safe(what.word)} to go on: `);
  if (answer === null) throw wrongUsage('There is no terminal to ask on: confirm it with --yes.');
  if (answer.trim() !== what.word) throw wrongUsage('Not confirmed: nothing was done.');
}
