import type { HaltChoicesQuery, StewardSafetyQuery } from '../../operations/governance.ts';
import { asWords, capital } from '../../parts/states.tsx';

export type Safety = { readonly [Part in keyof StewardSafetyQuery]: NonNullable<StewardSafetyQuery[Part]> };
export type Choices = HaltChoicesQuery | null;
type Choice = readonly [value: string, text: string];

export const words = (...values: readonly string[]): Choice[] => values.map((value) => [value, capital(value)]);

export const releaseChoices = (choices: Choices): Choice[] =>
  choices?.releases.map(({ id, version, status }) => [id, `${version} (${asWords(status)})`]) ?? [];

export const institutionChoices = (choices: Choices): Choice[] =>
  choices?.institutions?.nodes.map(({ id, name }) => [id, name]) ?? [];

/** Grants that live, by what they are for and whose they are. */
export const grantChoices = (choices: Choices): Choice[] =>
  choices?.accessRequests.nodes.flatMap(({ grant, title, applicant }) =>
    grant ? [[grant.id, `${title || 'Untitled request'}, ${applicant.name}`] as const] : [],
  ) ?? [];

/** Everybody on a grant that lives. */
export const peopleChoices = (choices: Choices): Choice[] => [
  ...new Map(
    choices?.accessRequests.nodes
      .flatMap(({ applicant, collaborators }) => [
        applicant,
        ...collaborators.flatMap(({ person }) => (person ? [person] : [])),
      ])
      .map(({ id, name, institution }) => [id, institution ? `${name}, ${institution}` : name]),
  ),
];

/** How something is called that a halt names by its id. */
export const targetText = (choices: Choices, target: string | null): string =>
  [...releaseChoices(choices), ...institutionChoices(choices), ...grantChoices(choices)].find(
    ([id]) => id === target,
  )?.[1] ?? (target && /^[A-Z_]+$/.test(target) ? asWords(target) : (target ?? ''));
