import { useQuery } from '../../api/use-query.ts';
import { StewardDiff } from '../../operations/governance.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { asWords, Empty, Load } from '../../parts/states.tsx';

/** In what two releases differ: how often, and row by row. Values are never shown, names of facts are. */
export function ReleaseDiff({ from, to }: { from: string; to: string }) {
  const query = useQuery(StewardDiff, { from, to });
  return (
    <Load query={query}>
      {({ releaseDiff }) => {
        if (!releaseDiff) return <p>The two cannot be compared.</p>;
        const { step, counts, differences } = releaseDiff;
        if (counts.length === 0) return <Empty title={`${from} and ${to} hold the same`} />;
        return (
          <>
            <DataTable
              caption={`From ${from} to ${to}: ${asWords(step)} step at least`}
              head={['Change', 'How many', 'Which means']}
              rows={counts.map(({ change, count, does }) => [asWords(change), count, does])}
            />
            {differences.totalCount === 0 ? (
              <p>Which patients they are is for the curators who draft releases.</p>
            ) : (
              <DataTable
                caption={`Each difference${differences.totalCount > differences.nodes.length ? `, the first ${differences.nodes.length} of ${differences.totalCount}` : ''}`}
                head={['Patient', 'Submission', 'Change', 'What']}
                rows={differences.nodes.map(({ patient, timestamp, change, detail }) => [
                  patient,
                  timestamp ?? '—',
                  asWords(change),
                  detail.join(', ') || '—',
                ])}
              />
            )}
          </>
        );
      }}
    </Load>
  );
}
