export interface PersonFacts {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly institution: string | null;
}

export interface InstitutionFacts {
  readonly id: string;
  readonly name: string;
  readonly ror: string | null;
  readonly country: string;
}

/** An institution as somebody's record names it. */
export interface InstitutionRef {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly standing: string;
}
