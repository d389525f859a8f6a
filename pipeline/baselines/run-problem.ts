/** Why a run cannot go on with what it was given; no further attempt helps. */
export type RunProblemCode = 'NOTHING_TO_LEARN' | 'ONE_CLASS' | 'NOT_FINITE' | 'OUT_OF_MEMORY';

/** The message is for the person who asked for the run, and names no patient. */
export class RunProblem extends RangeError {
  override readonly name = 'RunProblem';
  readonly code: RunProblemCode;
  constructor(code: RunProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Words with which onnxruntime, and a typed array, say that there is no memory. */
const NO_MEMORY = /bad_?alloc|failed to allocate|allocation failed|out of memory/i;

/** An error as it is, or as OUT_OF_MEMORY where that is what it means. */
export const namingMemory = (error: unknown): unknown =>
  error instanceof Error && !(error instanceof RunProblem) && NO_MEMORY.test(error.message)
    ? new RunProblem(
        'OUT_OF_MEMORY',
        'There is not enough memory for this run: run one fold, a smaller preset, or ask the operators for a machine with more.',
        { cause: error },
      )
    : error;
