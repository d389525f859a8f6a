import { DUO_CODES } from '../../../governance/data-use.ts';
import { classOf, MODALITIES, type Modality } from '../../../governance/modality.ts';
import type { Policy } from '../../../governance/policy.ts';
import { DATA_DICTIONARY } from '../../../pipeline/published/data-dictionary.ts';
import { STUDY_DESCRIPTION } from '../../../pipeline/published/study-facts.ts';
import type { Column } from '../exports/make/parquet.ts';
import { summaryOf } from '../study.ts';
import { CROISSANT_CONTEXT } from './croissant-context.ts';
import { FILES, PARQUET, TABLES, type Table } from './croissant-tables.ts';

/** What a description is made of; all of it is open. */
export interface DescribedRelease {
  readonly study: { readonly key: string; readonly title: string; readonly synthetic: boolean };
  /** Codes of the Data Use Ontology that patients consent to at enrolment; an own record of consent replaces them. */
  readonly consent: readonly string[];
  readonly publisher: string;
  /** As it was published: `1.0.0`. */
  readonly version: string;
  readonly bibtex: string;
  readonly publishedAt: Date;
  /** Where it is offered, without a slash at the end. */
  readonly url: string;
  /** The policy in force: the terms change with it. */
  readonly policy: Policy;
  /** Kinds of data that are described; all of them for a release, those of an export for an export. */
  readonly modalities: readonly Modality[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A release as Croissant 1.1 (MLCommons): the files and tables of an export in its own paths, and for each kind of data what using it asks, as terms of the
 * Data Use Ontology with the policy's requirements in words. Valid beside an export, whose tables a reader of Croissant then loads. Holds no data and no count.
 */
export const croissantOf = (release: DescribedRelease): Json => {
  const { study, url } = release;
  const known = MODALITIES.filter((modality) => modality !== 'BASELINES' && release.modalities.includes(modality));
  const tables = TABLES.filter(({ modality }) => known.includes(modality));
  const published = study.key === STUDY_DESCRIPTION.key;
  return {
    '@context': CROISSANT_CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: `${study.key}-${release.version.replaceAll(/[^\w.-]/g, '-')}`,
    alternateName: study.title,
    description: summaryOf(study) ?? study.title,
    url: `${url}/`,
    version: release.version,
    license: { '@type': 'sc:CreativeWork', name: 'Data use agreement of the study', url: `${url}/` },
    creator: { '@type': 'sc:Organization', name: release.publisher },
    publisher: { '@type': 'sc:Organization', name: release.publisher },
    datePublished: release.publishedAt.toISOString().slice(0, 10),
    citeAs: release.bibtex,
    inLanguage: 'en',
    isLiveDataset: false,
    isAccessibleForFree: true,
    usageInfo: release.consent.flatMap(consentTerm),
    conditionsOfAccess: study.synthetic
      ? 'Synthetic: made by a program. Given under the rules of the study that it stands for, so that they can be tried.'
      : 'Controlled access: a request that the data access committee approves; see usageInfo of each part.',
    ...(published && {
      'rai:dataBiases': STUDY_DESCRIPTION.caution,
      'rai:personalSensitiveInformation': ['Faces', 'Voices', 'Health', 'Skin type', 'Sex', 'Age group'],
    }),
    distribution: [
      ...tables.map(({ id, path, modality, description }) =>
        fileSet(release, `${id}-file`, PARQUET, path, modality, description),
      ),
      ...known.flatMap((modality) =>
        (FILES[modality] ?? []).map(([id, encoding, path, description]) =>
          fileSet(release, id, encoding, path, modality, description),
        ),
      ),
    ],
    recordSet: [...(known.includes('LABELS') ? [SIDES] : []), ...tables.map(recordSet)],
  };
};

/** A code of a consent (`HMB`, `DS:MONDO:0004992`) as a term; words that the ontology does not have are left out. */
function consentTerm(code: string): Json[] {
  const known = DUO_CODES[code.split(':')[0] as keyof typeof DUO_CODES];
  if (!known?.id) return [];
  const term = known.id.replace(':', '_');
  const disease = code.includes(':') ? ` (${code.slice(code.indexOf(':') + 1)})` : '';
  return [
    {
      '@type': 'sc:DefinedTerm',
      name: `${known.title}${disease}`,
      termCode: term,
      url: `http://purl.obolibrary.org/obo/${term}`,
    },
  ];
}

const fileSet = (
  release: DescribedRelease,
  id: string,
  encodingFormat: string,
  includes: string,
  modality: Modality,
  description: string,
): Json => ({
  '@type': 'cr:FileSet',
  '@id': id,
  name: id,
  description,
  encodingFormat,
  includes,
  usageInfo: usageOf(release, modality),
});

/** Both sides of a fold, as Croissant knows them. */
const SIDES: Json = {
  '@type': 'cr:RecordSet',
  '@id': 'sides',
  name: 'sides',
  description: 'The sides of a fold.',
  dataType: 'cr:Split',
  key: { '@id': 'sides/name' },
  field: [
    { '@type': 'cr:Field', '@id': 'sides/name', name: 'sides/name', dataType: 'sc:Text' },
    { '@type': 'cr:Field', '@id': 'sides/url', name: 'sides/url', dataType: 'sc:URL' },
  ],
  data: [
    { 'sides/name': 'train', 'sides/url': 'http://mlcommons.org/croissant/TrainingSplit' },
    { 'sides/name': 'test', 'sides/url': 'http://mlcommons.org/croissant/TestSplit' },
  ],
};

const DATA_TYPES: Readonly<Record<Column['type'], string>> = {
  STRING: 'sc:Text',
  INT32: 'sc:Integer',
  DOUBLE: 'sc:Float',
  FLOAT: 'sc:Float',
  DOUBLES: 'sc:Float',
  BOOLEAN: 'sc:Boolean',
};

const LABELS_OF_CLASSES: ReadonlySet<string> = new Set([
  'pain_level',
  'pain_class',
  'pain_level_code',
  'pain_class_code',
]);

const recordSet = ({ id, columns, description }: Table): Json => ({
  '@type': 'cr:RecordSet',
  '@id': id,
  name: id,
  description,
  field: columns.map(({ name, type }) => {
    const entry = DATA_DICTIONARY.find((one) => one.name === name);
    return {
      '@type': 'cr:Field',
      '@id': `${id}/${name}`,
      name: `${id}/${name}`,
      ...(entry && { description: entry.description }),
      dataType: LABELS_OF_CLASSES.has(name) ? [DATA_TYPES[type], 'cr:Label'] : DATA_TYPES[type],
      source: { fileSet: { '@id': `${id}-file` }, extract: { column: name } },
      ...(id === 'splits' && name === 'part' && { references: { field: { '@id': 'sides/name' } } }),
    };
  }),
});

/** Terms of the Data Use Ontology that say how data is asked for, beside those that consents use. */
const ACCESS_TERMS = {
  USER: ['0000026', 'user specific restriction'],
  PROJECT: ['0000027', 'project specific restriction'],
  TIME: ['0000025', 'time limit on use'],
  PLACE: ['0000022', 'geographical restriction'],
} as const;

/** What using a kind of data asks, now: the policy's class, as terms and in words. */
function usageOf({ policy, url }: DescribedRelease, modality: Modality): readonly Json[] {
  const rule = policy.classes[classOf(modality)];
  const terms = [ACCESS_TERMS.USER, ACCESS_TERMS.PROJECT, ACCESS_TERMS.TIME];
  const all = policy.ineligibleCountries.length > 0 ? [...terms, ACCESS_TERMS.PLACE] : terms;
  const words = [
    'A grant for a stated purpose, which the data access committee approves',
    ...(rule.agreement ? ['a data use agreement signed by the person and their signing official'] : []),
    ...(rule.training.length > 0
      ? [`current training: ${rule.training.map((type) => policy.training[type].title.toLowerCase()).join(', ')}`]
      : []),
    `${rule.stewards === 1 ? 'one steward agrees' : 'two stewards agree'}`,
    ...(rule.exportByConfirmation ? ['copies are confirmed separately'] : []),
    `for at most ${policy.grant.maxMonths} months, renewable`,
  ];
  return [
    ...all.map(([code, name]) => ({
      '@type': 'sc:DefinedTerm',
      name,
      termCode: `DUO_${code}`,
      url: `http://purl.obolibrary.org/obo/DUO_${code}`,
    })),
    {
      '@type': 'sc:CreativeWork',
      name: `Access to ${modality}, policy ${policy.version}`,
      text: `${words.join('; ')}. What each patient consented to narrows this further.`,
      url: `${url}/`,
    },
  ];
}
