import '@trussworks/react-uswds/lib/uswds.css';
import './app/portal.css';
import './app/steward.css';
import './app/dark.css';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { router } from './app/router.tsx';
import { ShellProvider } from './app/viewer.tsx';

createRoot(document.getElementById('root')!).render(
  <ShellProvider>
    <RouterProvider router={router} />
  </ShellProvider>,
);
