import { builder } from './builder.ts';
import { command, type SuccessFields } from './command.ts';
import { seen } from './errors.ts';
import { NameInvalid } from './expected-errors.ts';
import { Person } from './person.ts';
import { ExpiryInvalid, GrantNotInForce, GrantUnknown, TokenUnknown, TooManyTokens } from './safety-errors.ts';
import type { TokenDetails } from './services/tokens.ts';
import { Viewer } from './viewer.ts';

const PersonalToken = builder.objectRef<TokenDetails>('PersonalToken').implement({
  description: 'A token of a person for scripts: it acts for one grant, with the rights of that grant and never more.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Opaque id, as the log names it; not the token.' }),
    name: t.exposeString('name', { description: 'What its owner calls it.' }),
    grantId: t.exposeID('grantId', { description: 'The one grant that it acts for.' }),
    owner: t.field({ type: Person, nullable: true, description: 'Whose it is.', resolve: ({ owner }) => owner }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it expires.' }),
    lastUsedOn: t.expose('lastUsedOn', {
      type: 'Date',
      nullable: true,
      description: 'Day (UTC) on which it was last used; null while it was not.',
    }),
    state: t.exposeString('state', { description: 'ACTIVE, EXPIRED or ENDED.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was ended.' }),
    endedWhy: t.exposeString('endedWhy', {
      nullable: true,
      description:
        'REVOKED by somebody, or with what it stood on: GRANT_ENDED, MEMBER_REMOVED, ACCOUNT_SUSPENDED, ROLE_REMOVED.',
    }),
  }),
});

builder.objectField(Viewer, 'tokens', (t) =>
  t.field({
    type: [PersonalToken],
    description: 'Their personal tokens, newest first; with a token, that one alone.',
    resolve: async (_, __, { personalTokens }) => [...(await personalTokens.mine())],
  }),
);

builder.queryField('personalTokens', (t) =>
  t.field({
    type: [PersonalToken],
    nullable: true,
    description: 'Personal tokens of everybody, newest first; for stewards and administrators.',
    args: {
      account: t.arg.id({ description: 'Of one person alone.' }),
      grant: t.arg.id({ description: 'Of one grant alone.' }),
    },
    resolve: async (_, { account, grant }, { personalTokens }) => [
      ...seen(await personalTokens.list({ accountId: account ?? null, grantId: grant ?? null })),
    ],
  }),
);

command('createToken', {
  description:
    'Makes a personal token for one grant. It is told here and never again; it ends with the grant, and with its owner leaving it.',
  input: (t) => ({
    grantId: t.id({ required: true, description: 'The grant that it is to act for.' }),
    name: t.string({ required: true, description: 'What to call it, for instance the machine that it is for.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it is to expire; as late as allowed unless given.' }),
  }),
  success: (t: SuccessFields<{ readonly token: TokenDetails; readonly secret: string | null }>) => ({
    token: t.field({ type: PersonalToken, description: 'The token, without its text.', resolve: ({ token }) => token }),
    secret: t.string({
      nullable: true,
      description:
        'The token itself, iss_ and 49 letters and digits, to be kept like a password; null when the command is repeated: nobody has it any more.',
      resolve: ({ secret }) => secret,
    }),
  }),
  errors: [GrantUnknown, GrantNotInForce, NameInvalid, ExpiryInvalid, TooManyTokens],
  run: ({ grantId, name, expiresAt }, { personalTokens }) =>
    personalTokens.create({ grantId, name, expiresAt: expiresAt ?? null }),
  receipt: {
    keep: ({ token }) => token.id,
    again: async (id, { personalTokens }) => {
      const token = await personalTokens.own(String(id));
      if (token === null) throw new Error('a token that a receipt names is gone');
      return { token, secret: null };
    },
  },
});

command('revokeToken', {
  description:
    'Ends a personal token at once, with all that was begun with it: by its owner, a steward, an administrator.',
  input: (t) => ({ id: t.id({ required: true, description: 'The token, by its id.' }) }),
  success: (t: SuccessFields<{ readonly token: TokenDetails }>) => ({
    token: t.field({
      type: PersonalToken,
      description: 'The token as it stands now.',
      resolve: ({ token }) => token,
    }),
  }),
  errors: [TokenUnknown],
  run: ({ id }, { personalTokens }) => personalTokens.revoke(id),
});
