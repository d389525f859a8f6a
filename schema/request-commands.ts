import { builder } from './builder.ts';
import { command, type InputFields } from './command.ts';
import { CommentToEnum, ModalityEnum, UseEnum } from './enums.ts';
import { StudyUnknown } from './expected-errors.ts';
import {
  errors,
  expected,
  nothingMore,
  onRequest,
  reason,
  receipt,
  requestFields,
  seen,
  success,
} from './on-request.ts';
import { draftOf, RequestFormInput } from './request-form.ts';

command('createAccessRequest', {
  description: 'Begins an access request.',
  input: (t) => ({
    study: t.string({ description: 'Key of the study; the one that this server is for unless named.' }),
    linkedTo: t.id({
      description:
        'A request of another institution that it goes with, to which one was invited: people of another institution file their own.',
    }),
  }),
  success,
  errors: [...errors, StudyUnknown],
  receipt,
  run: ({ study, linkedTo }, { requests }) => requests.create(study ?? null, linkedTo ?? null),
});

command('editAccessRequest', {
  description: 'Writes the form. A real change makes signatures and endorsements void.',
  input: (t) => ({
    ...requestFields(t),
    form: t.field({ type: RequestFormInput, required: true, description: 'The whole form as it is to stand.' }),
  }),
  success,
  errors,
  receipt,
  run: ({ requestId, form, expectedVersion }, { requests }) =>
    requests.edit(requestId, draftOf(form), expectedVersion ?? null),
});

onRequest(
  'inviteCollaborator',
  'Invites a colleague of the same institution to the team.',
  (t) => ({ email: t.string({ required: true, description: 'Their address, as they sign in with.' }) }),
  ({ email }) => ({ type: 'invite', email }),
);

const invitation = (t: InputFields) => ({
  invitationId: t.id({ required: true, description: 'Id of the invitation.' }),
});
onRequest(
  'acceptInvitation',
  'Joins a team that one was invited to, with the token that was mailed.',
  (t) => ({
    ...invitation(t),
    token: t.string({ required: true, description: 'The token of the message; it expires with the invitation.' }),
  }),
  ({ invitationId, token }) => ({ type: 'acceptInvitation', invitationId, token }),
);
onRequest(
  'removeCollaborator',
  'Takes somebody off a request that is not granted yet.',
  invitation,
  ({ invitationId }) => ({
    type: 'removeCollaborator',
    invitationId,
  }),
);

command('signAgreement', {
  description: 'Signs the data use agreement for the request as one sees it.',
  input: (t) => ({
    ...requestFields(t),
    ...seen(t),
    version: t.int({ required: true, description: 'Version of the agreement.' }),
    typedName: t.string({ description: "The signer's full name, typed; it has to be the account's." }),
  }),
  success,
  errors,
  receipt,
  run: ({ requestId, expectedVersion, version, seen: hash, typedName }, { requests }) =>
    requests.sign(
      requestId,
      { type: 'signAgreement', version, seen: hash, ...expected(expectedVersion) },
      typedName ?? null,
    ),
});

onRequest(
  'submitAccessRequest',
  'Sends the request in: the form is complete and everybody on the team has signed.',
  nothingMore,
  () => ({ type: 'submit' }),
);

command('endorseAccessRequest', {
  description: 'Endorses the request for the institution and signs the agreement for it.',
  input: (t) => ({
    ...requestFields(t),
    ...seen(t),
    agreementVersion: t.int({ required: true, description: 'Version of the agreement that is signed with it.' }),
    attestsEmployment: t.boolean({ required: true, description: 'The team is employed by the institution.' }),
    attestsSeniority: t.boolean({ required: true, description: 'The applicant may lead such work.' }),
    successorId: t.id({ description: 'Account of who is to lead the team on, where the applicant has left.' }),
    typedName: t.string({ description: "The official's full name, typed; it has to be the account's." }),
  }),
  success,
  errors,
  run: ({ requestId, expectedVersion, seen: hash, successorId, typedName, ...given }, { requests }) =>
    requests.sign(
      requestId,
      { type: 'endorse', ...given, seen: hash, successorId: successorId ?? null, ...expected(expectedVersion) },
      typedName ?? null,
    ),
});

onRequest('declineAccessRequest', 'Declines to endorse the request.', reason, (input) => ({
  type: 'decline',
  reason: input.reason,
}));

onRequest(
  'commentAccessRequest',
  'Of a steward: leaves a note for the other stewards, or writes to the applicant. Of the team: writes to the stewards.',
  (t) => ({
    text: t.string({ required: true, description: 'The note.' }),
    to: t.field({ type: CommentToEnum, description: 'For whom it is; stewards unless named.' }),
  }),
  ({ text, to }) => ({ type: 'comment', text, to: to ?? 'STEWARDS' }),
);

onRequest(
  'assignAccessRequest',
  'Gives the request to a steward.',
  (t) => ({ stewardId: t.id({ required: true, description: "The steward's account." }) }),
  ({ stewardId }) => ({ type: 'assign', stewardId }),
);

onRequest('recuseFromAccessRequest', 'Steps back from deciding this request.', nothingMore, () => ({ type: 'recuse' }));

onRequest(
  'returnAccessRequest',
  'Gives the request back to be changed.',
  (t) => ({ changes: t.string({ required: true, description: 'What has to change.' }) }),
  ({ changes }) => ({ type: 'return', changes }),
);

const GrantItemInput = builder.inputType('GrantItemInput', {
  description: 'What is given of one kind of data.',
  fields: (t) => ({
    modality: t.field({ type: ModalityEnum, required: true, description: 'The kind of data.' }),
    uses: t.field({ type: [UseEnum], required: true, description: 'The uses.' }),
  }),
});

const confirmsExport = (t: InputFields) => ({
  confirmsExport: t.boolean({ description: 'Confirms the export of identifiable data; every steward has to.' }),
});

onRequest(
  'approveAccessRequest',
  'Proposes a grant of what was asked for, or less. With identifiable data another steward has to second it before it is given.',
  (t) => ({
    ...seen(t),
    items: t.field({ type: [GrantItemInput], required: true, description: 'What is given.' }),
    conditions: t.string({ description: 'Under which conditions.' }),
    startsAt: t.field({ type: 'DateTime', description: 'From when; at once unless named.' }),
    endsAt: t.field({ type: 'DateTime', required: true, description: 'Until when; at most a year away.' }),
    ...confirmsExport(t),
  }),
  ({ seen: hash, items, conditions, startsAt, endsAt, confirmsExport: confirms }, { now }) => ({
    type: 'propose',
    seen: hash,
    terms: {
      access: Object.fromEntries(items.map(({ modality, uses }) => [modality, uses])),
      conditions: conditions ?? '',
      start: (startsAt ?? now()).toISOString(),
      end: endsAt.toISOString(),
    },
    confirmsExport: confirms ?? false,
  }),
);

onRequest(
  'secondApproval',
  'Seconds exactly the grant that another steward proposed, which gives it.',
  (t) => ({
    ...seen(t),
    termsHash: t.string({ required: true, description: '`termsHash` of the proposal as one looked at it.' }),
    ...confirmsExport(t),
  }),
  ({ seen: hash, termsHash, confirmsExport: confirms }) => ({
    type: 'second',
    seen: hash,
    termsHash,
    confirmsExport: confirms ?? false,
  }),
);

onRequest('rejectAccessRequest', 'Rejects the request for good.', reason, (input) => ({
  type: 'reject',
  reason: input.reason,
}));

onRequest('withdrawAccessRequest', 'Takes the request back.', nothingMore, () => ({ type: 'withdraw' }));
