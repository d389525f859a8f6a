import { builder } from './builder.ts';
import type { PersonFacts } from './services/people.ts';

export const Person = builder.objectRef<PersonFacts>('Person').implement({
  description: 'Somebody who has to do with a request, as others of it see them.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id of their account.' }),
    name: t.exposeString('name', { description: 'Full name.' }),
    email: t.exposeString('email', { description: 'Address to write to.' }),
    institution: t.exposeString('institution', {
      nullable: true,
      description: 'Name of where they work; null until somebody says.',
    }),
  }),
});
