/** A file of network weights is missing, cut short, altered or not of the kind that is expected; the message names the file. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';
}
