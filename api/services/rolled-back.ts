/** Undoes the transaction in which it is thrown, and is the command's answer all the same. */
export class RolledBack<Answer> extends Error {
  override name = 'RolledBack';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('rolled back, with an answer');
    this.answer = answer;
  }
}

/** Runs a transaction; where it was undone by RolledBack, that one's answer is given. The answer's type is the caller's to keep. */
export const rollBackWith = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RolledBack) return error.answer as Answer;
    throw error;
  }
};
