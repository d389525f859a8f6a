import { type ReactNode, useEffect, useRef } from 'react';

/** A page's heading and its frame. The heading takes the focus when one comes from another page, so that a screen reader says where one is. */
export function Page({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ISS data access`;
    const { activeElement } = document;
    if (activeElement && activeElement !== document.body && !activeElement.closest('main')) heading.current?.focus();
  }, [title]);
  return (
    <article className="portal-page">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead && <p className="usa-intro">{lead}</p>}
      {children}
    </article>
  );
}
