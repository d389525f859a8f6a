import type { ReleaseState } from './facts.ts';

/** What a reference to a release is made of; all of it is open. */
export interface CitedRelease {
  readonly study: { readonly key: string; readonly title: string; readonly synthetic: boolean };
  readonly publisher: string;
  /** The version as it now is: `1.0.0`, `1.0.0+w2`. */
  readonly version: string;
  /** SHA-256 of that state. */
  readonly digest: string;
  readonly state: ReleaseState;
  readonly publishedAt: Date;
  /** Where it is offered. */
  readonly url: string;
  /** Number of its errata. */
  readonly errata: number;
  /** How the paper that describes the data is cited; null where there is none. */
  readonly paper: string | null;
}

export interface Citation {
  readonly text: string;
  readonly bibtex: string;
  /** CSL-JSON 1.0.2, one item. */
  readonly csl: Readonly<Record<string, unknown>>;
  /** Properties of the DataCite schema 4, without an identifier: none is registered. */
  readonly datacite: Readonly<Record<string, unknown>>;
}

/** What a reader of a reference must not miss. */
const NOTICE: Readonly<Record<ReleaseState, string>> = {
  DRAFT: 'DRAFT, not published',
  PUBLISHED: '',
  DEPRECATED: 'superseded',
  RETRACTED: 'RETRACTED',
};

const TEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/** Text of a study that LaTeX prints as it stands, and that cannot end its field. */
const tex = (text: string): string =>
  text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\\{}&%$#_~^]/gu, (character) => TEX[character] ?? '')
    .trim();

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** The reference to a release in the forms that people and reference managers take. */
export const citationOf = (release: CitedRelease): Citation => {
  const { study, publisher, version, digest, publishedAt, url, paper } = release;
  const year = publishedAt.getUTCFullYear();
  const title = `${study.title}${study.synthetic ? ' (synthetic)' : ''}`;
  const author = /\bstudy$/i.test(study.title) ? study.title : `${study.title} study`;
  const notes = [
    ...(release.state === 'PUBLISHED' ? [] : [NOTICE[release.state]]),
    `state sha256:${digest}`,
    ...(release.errata === 0 ? [] : [`${release.errata} ${release.errata === 1 ? 'erratum' : 'errata'}`]),
  ];
  const notice = release.state === 'PUBLISHED' ? '' : `${NOTICE[release.state]}: `;
  const described = paper === null ? '' : ` Described in: ${paper}`;
  const fields: readonly (readonly [string, string])[] = [
    ['author', `{${tex(author)}}`],
    ['title', `{${tex(title)}}`],
    ['year', String(year)],
    ['publisher', tex(publisher)],
    ['version', tex(version)],
    ['howpublished', `Data set, \\url{${url.replaceAll(/[{}\\\s]/gu, '')}}`],
    ['note', tex(notes.join('; '))],
  ];
  const key = `${study.key}-${version}`.replaceAll(/[^A-Za-z0-9.-]/gu, '-');
  return {
    text: `${notice}${author} (${year}). ${title}, release ${version} [data set]. ${publisher}. ${url} (${notes.join('; ')}).${described}`,
    bibtex: `@misc{${key},\n${fields.map(([name, value]) => `  ${name} = {${value}}`).join(',\n')}\n}`,
    csl: {
      id: key,
      type: 'dataset',
      title,
      author: [{ literal: author }],
      issued: { 'date-parts': [[year, publishedAt.getUTCMonth() + 1, publishedAt.getUTCDate()]] },
      publisher,
      version,
      URL: url,
      note: notes.join('; '),
      ...(release.state === 'RETRACTED' && { status: 'retracted' }),
    },
    datacite: {
      titles: [{ title }],
      creators: [{ name: author, nameType: 'Organizational' }],
      publisher: { name: publisher },
      publicationYear: year,
      types: { resourceTypeGeneral: 'Dataset', resourceType: 'Release of a study' },
      version,
      dates: [{ date: day(publishedAt), dateType: 'Issued' }],
      url,
      alternateIdentifiers: [{ alternateIdentifier: digest, alternateIdentifierType: 'SHA-256 of the state' }],
      descriptions: [{ description: notes.join('; '), descriptionType: 'TechnicalInfo' }],
    },
  };
};
