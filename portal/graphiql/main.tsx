import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import { EXAMPLES } from './examples.ts';
import './page.css';

// The session's cookie says who asks; the header says that the request comes from our own page.
const fetcher = createGraphiQLFetcher({ url: '/graphql', headers: { 'X-ISS-CSRF': '1' } });

createRoot(document.getElementById('root')!).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={EXAMPLES.map(({ query }) => ({ query }))}
    shouldPersistHeaders={false}
    defaultEditorToolsVisibility={false}
  >
    <GraphiQL.Logo>
      <span className="name">ISS data access · query editor</span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
