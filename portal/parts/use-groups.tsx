import { type ReactNode, useState } from 'react';
import type { UseGroupFragment } from '../operations/data.ts';
import { DataTable } from './data-table.tsx';
import { actionText } from './log-words.ts';
import { MODALITY_TEXT } from './modalities.ts';
import { asWords } from './states.tsx';
import { Day, When } from './when.tsx';

const nameOf = (modality: string): string =>
  Object.hasOwn(MODALITY_TEXT, modality) ? MODALITY_TEXT[modality as keyof typeof MODALITY_TEXT].name : modality;

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000
    ? `${Math.ceil(bytes / 1000)} kB`
    : `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;

/** Who saw what: a row for what is of a kind, by one person on one day, that opens into its entries. */
export const UseGroups = ({
  caption,
  groups,
  entries,
}: {
  caption: string;
  groups: readonly UseGroupFragment[];
  /** The entries of a group, asked for once it is opened. */
  entries: (group: UseGroupFragment) => ReactNode;
}) => (
  <DataTable
    caption={caption}
    head={['Day (UTC)', 'Who', 'What was done', 'Kinds of data', 'How often', 'Entries']}
    rows={groups.map((group) => [
      <Day key="day" on={group.day} />,
      group.name ?? 'the program',
      `${group.action === 'DOWNLOAD' ? 'Download' : actionText(group.action)}${group.kind ? `: ${asWords(group.kind)} of one check-in` : ''}`,
      group.modalities.map(nameOf).join(', ') || '—',
      `${group.entries.toLocaleString('en')} ${group.entries === 1 ? 'time' : 'times'}${group.bytes ? `, ${sizeOf(group.bytes)}` : ''}`,
      <Opened key={group.id} group={group} entries={entries} />,
    ])}
  />
);

const minuteOf = (at: string): string => at.slice(0, 16);

function Opened({ group, entries }: { group: UseGroupFragment; entries: (group: UseGroupFragment) => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <When at={group.firstAt} />
        {minuteOf(group.lastAt) !== minuteOf(group.firstAt) && (
          <>
            {' '}
            to <When at={group.lastAt} />
          </>
        )}
      </summary>
      {open && entries(group)}
    </details>
  );
}
