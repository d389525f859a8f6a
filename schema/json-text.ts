/**
 * The data of an answer as JSON text that the database wrote, passed on as it is. `JSON.stringify` of a whole result
 * still works (it parses), `stringifyResult` does without.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** A GraphQL result as text, with `errors` first as Apollo has it. */
export const stringifyResult = (result: { readonly data?: unknown }): string => {
  const { data } = result;
  if (!(data instanceof JsonText)) return `${JSON.stringify(result)}\n`;
  const rest = Object.entries(result)
    .filter(([key, value]) => key !== 'data' && value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`);
  return `{${rest.join('')}"data":${data.text}}\n`;
};
