import type { ReactNode } from 'react';

/**
 * A table that scrolls sideways in its own frame, so that the page never does. The first cell of a row names it. With more than two columns each row
 * becomes a card on a phone, every value under the name of its column (portal.css), where
 * each has to be one box however many words and buttons it holds.
 */
export function DataTable({
  caption,
  head,
  rows,
}: {
  caption: string;
  head: readonly ReactNode[];
  rows: readonly (readonly ReactNode[])[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard
    <section className="portal-table" aria-label={caption} tabIndex={0}>
      <table className={`usa-table usa-table--borderless ${head.length > 2 ? 'portal-stack' : ''}`}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places
              <th key={at} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows come whole
            <tr key={at}>
              {row.map((cell, column) =>
                column === 0 ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places
                  <th key={column} scope="row">
                    {cell}
                  </th>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places
                  <td key={column} data-name={typeof head[column] === 'string' ? head[column] : undefined}>
                    <div>{cell}</div>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
