import { lockDataDirectory } from '../../../api/data-directory.ts';

/** Tries to get a folder's lock when told to, says what came of it, and holds it until its parent lets go. */
process.once('message', () => {
  lockDataDirectory(process.argv[2]!).then(
    () => process.send?.('got'),
    (error: Error) => process.send?.(error.message),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
