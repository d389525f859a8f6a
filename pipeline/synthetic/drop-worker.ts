import sharp from 'sharp';
import { makeSubmission, type SubmissionTask } from './submission-files.ts';

/**
 * A process that makes submissions for `writeDrop`: it takes a SubmissionTask a message and answers each with a WorkerAnswer.
 * Started by worker-pool.ts; it ends with its parent.
 */
export type WorkerAnswer = { readonly failed: null | { readonly message: string } };

sharp.concurrency(1); // several processes share the cores
process.on('disconnect', () => process.exit());
process.on('message', (task: SubmissionTask) => {
  makeSubmission(task).then(
    () => answer({ failed: null }),
    (error: unknown) => answer({ failed: { message: error instanceof Error ? error.message : String(error) } }),
  );
});

function answer(message: WorkerAnswer): void {
  process.send?.(message);
}
