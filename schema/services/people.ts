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
