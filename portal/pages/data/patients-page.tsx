import { useId, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useQuery } from '../../api/use-query.ts';
import { type PatientFilter, PatientsPage as PatientsOperation } from '../../operations/data.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { asWords, Empty, Load, Refused, SignedIn } from '../../parts/states.tsx';
import { useFolds } from './use-folds.ts';

const FILTERS = [
  { key: 'painLevel', label: 'Pain level', values: ['NONE', 'LOW', 'MODERATE', 'SEVERE'] },
  { key: 'sex', label: 'Sex', values: ['F', 'M'] },
  { key: 'skinType', label: 'Skin type', values: ['I_III', 'IV_VI'] },
  { key: 'split', label: 'Fold', values: [] },
  { key: 'part', label: 'Part of the fold', values: ['TRAIN', 'TEST'] },
] as const;

/** Patients of the newest release; the filters stand in the address, so that a link leads to the same list. */
export function PatientsPage() {
  return (
    <SignedIn title="Patients">
      <Patients />
    </SignedIn>
  );
}

function Patients() {
  const [search, setSearch] = useSearchParams();
  const [after, setAfter] = useState<string | null>(null);
  const id = useId();
  const folds = useFolds();
  const filter: Record<string, string | number> = {};
  for (const { key } of FILTERS) {
    const value = search.get(key);
    // What is no number is sent as it stands: the API says so, instead of the filter falling away.
    if (value) filter[key] = key === 'split' && /^\d+$/.test(value) ? Number(value) : value;
  }
  if (!('split' in filter)) delete filter.part;
  const query = useQuery(PatientsOperation, { filter: filter as PatientFilter, after });
  return (
    <Page title="Patients">
      <form className="portal-filters" onSubmit={(event) => event.preventDefault()} aria-label="Filters">
        {FILTERS.map(({ key, label, values: known }) => {
          const values: readonly string[] = key === 'split' ? folds.map(String) : known;
          return (
            <div key={key}>
              <label className="usa-label" htmlFor={`${id}${key}`}>
                {label}
              </label>
              <select
                id={`${id}${key}`}
                className="usa-select"
                value={search.get(key) ?? ''}
                onChange={({ target }) => {
                  const next = new URLSearchParams(search);
                  if (target.value === '') next.delete(key);
                  else next.set(key, target.value);
                  setAfter(null);
                  setSearch(next);
                }}
              >
                <option value="">any</option>
                {[...new Set([...values, ...(search.get(key) ? [search.get(key)!] : [])])].map((value) => (
                  <option key={value} value={value}>
                    {asWords(value)}
                  </option>
                ))}
              </select>
            </div>
          );
        })}
      </form>
      <Load query={query}>
        {({ release }) => {
          if (!release && query.problems.length === 0) return <Empty title="No release is published yet" />;
          if (!release?.patients) return <Refused problems={query.problems} />;
          const { nodes, totalCount, pageInfo } = release.patients;
          return nodes.length === 0 ? (
            <Empty title="No patient is like this">
              <p>Take a filter away. Your grant shows patients whose consent permits its purpose.</p>
            </Empty>
          ) : (
            <>
              <p>
                <output>
                  {totalCount} patients of release {release.version}.
                </output>
              </p>
              <DataTable
                caption="Patients that you may see"
                head={['Patient', 'Pain level', 'Sex', 'Skin type', 'Age group', 'Cohort', 'Device']}
                rows={nodes.map((patient) => [
                  <Link key="code" to={`/data/patients/${patient.code}`}>
                    {patient.code}
                  </Link>,
                  patient.painLevel ? asWords(patient.painLevel) : '—',
                  ...[patient.sex, patient.skinType, patient.ageGroup].map((one) => (one ? asWords(one) : '—')),
                  patient.cohort || '—',
                  patient.sourceDevice || '—',
                ])}
              />
              <p className="portal-buttons">
                {after !== null && (
                  <button type="button" className="usa-button usa-button--outline" onClick={() => setAfter(null)}>
                    From the beginning
                  </button>
                )}
                {pageInfo.hasNextPage && (
                  <button
                    type="button"
                    className="usa-button usa-button--outline"
                    onClick={() => setAfter(pageInfo.endCursor ?? null)}
                  >
                    The next 50
                  </button>
                )}
              </p>
            </>
          );
        }}
      </Load>
    </Page>
  );
}
