import { builder } from './builder.ts';

export const FileAddress = builder
  .objectRef<{ readonly url: string; readonly expiresAt: Date }>('FileAddress')
  .implement({
    description: 'Where a file can be fetched, for some minutes, by the person who asked and nobody else.',
    fields: (t) => ({
      url: t.exposeString('url', {
        description: 'Its address; it opens only with the cookie or token of this person.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the address stops working.' }),
    }),
  });
