/** A named operation that the server knows by its id; the types are of its answer and its variables. */
export interface Operation<Data, Variables> {
  readonly id: string;
  readonly name: string;
  /** Types alone: never set. */
  readonly types?: { readonly data: Data; readonly variables: Variables };
}
