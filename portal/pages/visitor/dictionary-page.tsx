import { DICTIONARY } from '../../operations/dictionary.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { MODALITY_TEXT } from '../../parts/modalities.ts';
import { Page } from '../../parts/page.tsx';

/** PainScores -> "Pain scores". */
const inWords = (type: string): string => type.replace(/(?<=[a-z])[A-Z]/g, (first) => ` ${first.toLowerCase()}`);

/** What each field is, in which unit, and of which kind of data. */
export const DictionaryPage = () => (
  <Page
    title="Data dictionary"
    lead="Every field of a release: what it is, its unit, and the kind of data that it belongs to."
  >
    {DICTIONARY.map(({ of, fields }) => (
      <section key={of}>
        <h2>{inWords(of)}</h2>
        <DataTable
          caption={`Fields of ${of} in queries and exports`}
          head={['Field', 'What it is', 'Kind of data']}
          rows={fields.map(({ name, text, needs }) => [
            name,
            text,
            needs.length === 0 ? 'as what it belongs to' : needs.map((one) => MODALITY_TEXT[one].name).join(', '),
          ])}
        />
      </section>
    ))}
  </Page>
);
