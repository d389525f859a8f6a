import { useQuery } from '../../api/use-query.ts';
import { LimitsPage as LimitsOperation } from '../../operations/visitor.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Page } from '../../parts/page.tsx';
import { Empty, Load } from '../../parts/states.tsx';

/** Datasheet, errata, how to cite: what the data can be used for, and where it misleads. */
export function LimitsPage() {
  const query = useQuery(LimitsOperation, {});
  return (
    <Page title="Datasheet, limits and biases" lead="What is known about the data, said plainly, and how to cite it.">
      <Load query={query} lines={10}>
        {({ study, release }) => (
          <>
            {study.datasheet.length === 0 && <Empty title="This study has no datasheet" />}
            {study.synthetic && <p>It is synthetic: no conclusion about people can be drawn from it at all.</p>}
            {study.datasheet.map(({ heading, text, figures }) => (
              <section key={heading}>
                <h2>{heading}</h2>
                <p className="portal-text">{text}</p>
                {figures.length > 0 && (
                  <DataTable
                    caption={`${heading}: the numbers`}
                    head={['What', 'How much']}
                    rows={figures.map(({ what, value }) => [what, value])}
                  />
                )}
              </section>
            ))}
            <h2>Where the data misleads</h2>
            <ul className="usa-list">
              {BIASES.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
            {study.errata.length > 0 && (
              <>
                <h2>Errata</h2>
                <ul className="usa-list">
                  {study.errata.map(({ number, text }) => (
                    <li key={number}>
                      <strong>{number}.</strong> {text}
                    </li>
                  ))}
                </ul>
              </>
            )}
            {release?.citation && (
              <>
                <h2>How to cite release {release.version}</h2>
                <p>{release.citation.text}</p>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard */}
                <pre className="portal-command" tabIndex={0}>
                  {release.citation.bibtex}
                </pre>
              </>
            )}
            {release && (
              <p>
                <a
                  href={`data:application/ld+json;charset=utf-8,${encodeURIComponent(JSON.stringify(release.croissant, null, 2))}`}
                  download={`${study.title.replace(/\W+/g, '-')}-${release.version}.croissant.json`}
                >
                  Save the machine-readable description (Croissant)
                </a>
              </p>
            )}
          </>
        )}
      </Load>
    </Page>
  );
}

const BIASES = [
  'Pain is self-reported. The numbers are what a person said at a moment, not a measurement, and people differ in how they use the scale.',
  'Sex is recorded as M or F and skin type as two groups of the Fitzpatrick scale, self-reported; both leave much of people out.',
  'There are few patients, and few of each kind together. An accuracy of a small group moves by many points with one person.',
  'Recordings come from people’s own phones and homes: light, microphone and camera differ between people, and a model can learn the phone instead of the pain.',
  'A model that is right about these patients may be wrong about others; nothing here supports decisions about somebody’s treatment.',
];
