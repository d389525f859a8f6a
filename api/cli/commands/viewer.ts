import { z } from 'zod';
import type { Client } from '../client.ts';

const VIEWER = `query Whoami {
  viewer {
    account { username name email }
    roles
    grants { id state startsAt endsAt items { modality uses } }
  }
}`;

const SHAPE = z.object({
  viewer: z
    .object({
      account: z.object({ username: z.string(), name: z.string(), email: z.string() }),
      roles: z.array(z.string()),
      grants: z.array(
        z.object({
          id: z.string(),
          state: z.string(),
          startsAt: z.string(),
          endsAt: z.string(),
          items: z.array(z.object({ modality: z.string(), uses: z.array(z.string()) })),
        }),
      ),
    })
    .nullable(),
});

export type ViewerFacts = NonNullable<z.infer<typeof SHAPE>['viewer']>;

/** The signed-in person, or null where the token is nobody's. @throws CommandFailed */
export const readViewer = async (client: Client): Promise<ViewerFacts | null> =>
  (await client.graphql(VIEWER, {}, SHAPE)).viewer;
