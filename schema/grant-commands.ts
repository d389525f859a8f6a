import { nothingMore, onRequest, reason } from './on-request.ts';

onRequest(
  'amendAccessRequest',
  'Begins an amendment of an approved request. It is then edited, signed, sent in, endorsed and approved by the same mutations as a request, and the grant is what it was until that is done.',
  nothingMore,
  () => ({ type: 'amend' }),
);

onRequest(
  'renewAccessRequest',
  'Begins the renewal of a grant, in its last 90 days or at most 30 days after its end: a new draft with what the old request said. Gives the new request.',
  (t) => ({ progressReport: t.string({ required: true, description: 'What was achieved under the grant.' }) }),
  ({ progressReport }) => ({ type: 'renew', progressReport }),
);

onRequest(
  'removeMember',
  'Takes somebody off a granted team, or leaves it; access ends at once. An applicant who leaves suspends the grant.',
  (t) => ({ accountId: t.id({ required: true, description: 'Their account.' }) }),
  ({ accountId }) => ({ type: 'removeMember', accountId }),
);

onRequest('suspendGrant', 'Suspends the grant; access rests at once.', reason, (input) => ({
  type: 'suspend',
  reason: input.reason,
}));

onRequest('resumeGrant', 'Resumes a suspended grant.', nothingMore, () => ({ type: 'resume' }));

onRequest('revokeGrant', 'Revokes the grant; access ends at once, for good.', reason, (input) => ({
  type: 'revoke',
  reason: input.reason,
}));

onRequest(
  'attestCloseOut',
  'Attests that all copies, models and derivatives are destroyed.',
  (t) => ({
    destroyed: t.boolean({ required: true, description: 'The attestation.' }),
    statement: t.string({ required: true, description: 'What was destroyed, how and when.' }),
  }),
  ({ destroyed, statement }) => ({ type: 'attestCloseOut', destroyed, statement }),
);

onRequest('countersignCloseOut', 'Countersigns the attestation, which closes the grant.', nothingMore, () => ({
  type: 'countersignCloseOut',
}));
