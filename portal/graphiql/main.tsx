import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { Kind, parse } from 'graphql';
import { createRoot } from 'react-dom/client';
import { EXAMPLES } from './examples.ts';
import './page.css';

// The session's cookie says who asks; the header says that the request comes from our own page.
const send = createGraphiQLFetcher({ url: '/graphiql/graphql', headers: { 'X-ISS-CSRF': '1' } });
const fetcher: Fetcher = (params, options) => send(withOwnName(params), options);

/** For a moment after a tab is opened, GraphiQL still names the operation of the tab before: a document's only operation is the one that is meant. */
function withOwnName(params: FetcherParams): FetcherParams {
  try {
    const operations = parse(params.query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return operations.length === 1 ? { ...params, operationName: null } : params;
  } catch {
    // The server says what is wrong with it.
    return params;
  }
}

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
