import type { StudyPageQuery } from '../../operations/visitor.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { asWords } from '../../parts/states.tsx';

type Tables = NonNullable<StudyPageQuery['release']>['counts'];

/** The fixed tables of how many patients there are of which kind: the same for everybody. */
export function OpenCounts({ tables }: { tables: Tables }) {
  return (
    <>
      <h2>Safe counts</h2>
      <p>
        These tables are computed when a release is published and are the same for everybody. A number is hidden where
        it is smaller than {tables[0]?.threshold ?? 5}, or where it would let a smaller one be worked out.
      </p>
      {tables.map(({ key, title, cells, attributes }) => (
        <details key={key}>
          <summary>{title}</summary>
          <DataTable
            caption={title}
            head={[...attributes.map(({ name }) => asWords(name)), 'patients']}
            rows={cells.map(({ at, count, why }) => [
              ...attributes.map(({ name }) => at.find(({ attribute }) => attribute === name)?.value ?? 'all'),
              count ?? <span title={why ?? undefined}>hidden</span>,
            ])}
          />
        </details>
      ))}
    </>
  );
}
