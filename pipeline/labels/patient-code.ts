/**
 * A patient's public name: one to 32 ASCII letters, digits and hyphens, beginning with a letter or digit.
 * It names folders and is joined to timestamps with `_`, so it holds no dot, slash, underscore or space.
 */
const SHAPE = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/;

/** True where `text` can name a patient; false for `../x`, an empty text and everything else unsafe in a path. */
export const isPatientCode = (text: string): boolean => SHAPE.test(text);
