import type { ReactNode } from 'react';

/** Something that is folded away at first. */
export const Details = ({
  summary,
  open = false,
  children,
}: {
  summary: string;
  open?: boolean;
  children: ReactNode;
}) => (
  <details open={open}>
    <summary>{summary}</summary>
    {children}
  </details>
);
