import { z } from 'zod';
import { notice } from '../notice.ts';

export const accountSuspended = notice({
  data: z.object({}),
  write: (_, portal) => ({
    subject: 'Your account is suspended',
    text: [
      'Your account was suspended by an administrator. Data access, exports and runs under it have ended.',
      `What it still shows, your own record, is at ${portal}. Write to the data stewards if you think that this is a mistake.`,
    ],
  }),
});

export const rolesRefused = notice({
  data: z.object({ username: z.string(), pairs: z.string() }),
  write: ({ username, pairs }, portal) => ({
    subject: 'An account holds roles that exclude each other',
    text: [
      `The identity provider says that "${username}" is ${pairs}. Nobody may be both, so neither role counts until one of them is taken away there or here.`,
      `Accounts are administered at ${portal}.`,
    ],
  }),
});

export const exceptionOpened = notice({
  data: z.object({ curator: z.string(), release: z.string(), until: z.string() }),
  write: ({ curator, release, until }, portal) => ({
    subject: 'A curator looks at released rows',
    text: [
      `${curator} has opened an exception to look at the rows of release ${release} until ${until}.`,
      `The reason given and everything that is read under it stand in the log, for who signs in: ${portal}`,
    ],
  }),
});
