import { useQuery } from '../../api/use-query.ts';
import { FoldsPage as FoldsOperation } from '../../operations/data.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Empty, Load, Refused, SignedIn } from '../../parts/states.tsx';

/** Which patient is tested in which fold, and the proof that no fold shares one. */
export function FoldsPage() {
  const query = useQuery(FoldsOperation, {});
  return (
    <SignedIn title="Folds">
      <Page
        title="Folds"
        lead="Each patient is withheld in exactly one fold: a model is tested only on people it has never seen."
      >
        <Load query={query} lines={8}>
          {({ release }) => {
            const splits = release?.splits;
            if (!release && query.problems.length === 0) return <Empty title="No release is published yet" />;
            if (!splits) return <Refused problems={query.problems} />;
            const tested = new Map<string, number[]>();
            for (const { number, testPatients } of splits)
              for (const { code } of testPatients ?? [])
                if (code !== null && number !== null) tested.set(code, [...(tested.get(code) ?? []), number]);
            const shared = splits.flatMap(({ number, testPatients, trainPatients }) => {
              const train = new Set((trainPatients ?? []).map(({ code }) => code));
              return (testPatients ?? [])
                .filter(({ code }) => train.has(code))
                .map(({ code }) => `${code} in fold ${number}`);
            });
            return (
              <>
                <DataTable
                  caption={`Folds of release ${release.version}`}
                  head={[
                    'Fold',
                    'Train patients',
                    'Test patients',
                    'Train submissions',
                    'Test submissions',
                    'Disjoint',
                  ]}
                  rows={splits.map(({ number, counts, disjoint }) => [
                    number,
                    counts?.trainPatients,
                    counts?.testPatients,
                    counts?.trainSubmissions,
                    counts?.testSubmissions,
                    disjoint ? 'yes, says the server' : 'no',
                  ])}
                />
                <h2>Proof</h2>
                <p>
                  {shared.length === 0
                    ? `Counted here, in this page: of ${tested.size} patients, none is in the train and the test part of one fold, and ${[...tested.values()].filter((folds) => folds.length === 1).length} are tested in exactly one.`
                    : `Shared: ${shared.join(', ')}.`}
                </p>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard */}
                <section className="portal-table" aria-label="Patients by fold" tabIndex={0}>
                  <table className="portal-matrix">
                    <caption className="usa-sr-only">Patients by fold: where each is tested</caption>
                    <thead>
                      <tr>
                        <th scope="col">Patient</th>
                        {splits.map(({ number }) => (
                          <th key={number} scope="col">
                            {number}
                          </th>
                        ))}
                      </tr>
                    </thead>
                    <tbody>
                      {[...tested].sort().map(([code, folds]) => (
                        <tr key={code}>
                          <th scope="row">{code}</th>
                          {splits.map(({ number }) => (
                            <td key={number} className={number !== null && folds.includes(number) ? 'test' : undefined}>
                              {number !== null && folds.includes(number) ? (
                                'test'
                              ) : (
                                <span className="usa-sr-only">train</span>
                              )}
                            </td>
                          ))}
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </section>
              </>
            );
          }}
        </Load>
      </Page>
    </SignedIn>
  );
}
