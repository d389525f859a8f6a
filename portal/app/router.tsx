import { createBrowserRouter } from 'react-router';
import { dataArea } from '../routes/data.ts';
import { researcherArea } from '../routes/researcher.ts';
import { stewardArea } from '../routes/steward.ts';
import { visitorArea } from '../routes/visitor.ts';
import { Broken, NotFound } from './not-found.tsx';
import { AppShell } from './shell.tsx';

const areas = [visitorArea, researcherArea, dataArea, stewardArea];
export const navigation = areas.flatMap(({ nav }) => nav);

/** Every page is fetched when it is first opened. */
export const router = createBrowserRouter([
  {
    element: <AppShell navigation={navigation} />,
    children: [
      {
        errorElement: <Broken />,
        children: [...areas.flatMap(({ routes }) => routes), { path: '*', element: <NotFound /> }],
      },
    ],
  },
]);
