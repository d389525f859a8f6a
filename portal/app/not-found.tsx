import { Link } from 'react-router';
import { Page } from '../parts/page.tsx';

export const NotFound = () => (
  <Page title="There is no such page">
    <p>
      The address leads nowhere, or to something that you may not know of. <Link to="/">The study’s page</Link> is a
      good place to start again.
    </p>
  </Page>
);

/** A page of the program that could not be fetched or failed: most often the portal was renewed while this tab was open. */
export const Broken = () => (
  <Page title="This page could not be shown">
    <p>
      The portal may have been renewed while it was open here, or the connection is gone. Nothing that you sent is lost.
    </p>
    <button type="button" className="usa-button" onClick={() => location.reload()}>
      Load the page again
    </button>
  </Page>
);
