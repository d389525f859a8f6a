import { invitationKeyOf, invitationToken } from '../../../api/services/access/invitation-token.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { Use } from '../../../governance/use.ts';
import { form, items } from '../../api/mutations/steps.ts';
import type { Payload } from '../../api/mutations/world.ts';
import { idOf, type Person } from './cast.ts';
import type { Stage } from './stage.ts';

type Access = Partial<Record<Modality, readonly Use[]>>;
const ALL = ['READ', 'RUN', 'EXPORT'] as const;
const WIDE: Access = { LABELS: ALL, PAIN_SCORES: ALL, BASELINES: ['READ'], VIDEO: ['READ'] };
/** Somebody who may run baselines on faces and see nothing. */
const RUN_ONLY: Access = { LABELS: ['RUN'], PAIN_SCORES: ['RUN'], FACES: ['RUN'] };
const GROUPS: Access = { LABELS: ['RUN'], PAIN_SCORES: ['RUN'], BASELINES: ['READ'] };
const ENDS = '2026-03-01T05:00:00.000Z';
/** Soon enough to be renewed. */
const SOON = '2025-05-10T04:00:00.000Z';

/** Requests in every state, each by the commands that lead there. */
export async function stageRequests({ world, ids, does }: Stage): Promise<void> {
  const filled = (mark: string, access: Access) => {
    const { title, plainSummary, detail, ...rest } = form(access);
    return {
      ...{
        title: `${title} §${mark}-title`,
        plainSummary: `${plainSummary} §${mark}-summary`,
        detail: `${detail} §${mark}-detail`,
      },
      ...rest,
      coAuthors: [{ name: `§${mark}-coauthor`, email: 'far@example.org', lastPublishedOn: '2025-01-10' }],
    };
  };
  /** Writes one, with a team that has joined. */
  async function written(name: string, by: Person, access: Access, team: readonly Person[] = []): Promise<Payload> {
    const { request } = await does(by, 'createAccessRequest', {});
    ids.set(name, request.id);
    const requestId: string = request.id;
    let now = (await does(by, 'editAccessRequest', { requestId, form: filled(name, access) })).request;
    for (const one of team) now = await joined(requestId, by, one);
    return now;
  }
  async function joined(requestId: string, by: Person, who: Person): Promise<Payload> {
    const email = `${who}@example.org`;
    const { request } = await does(by, 'inviteCollaborator', { requestId, email });
    const all = (request.amendment ?? request).collaborators as { email: string; invitationId: string }[];
    const { invitationId } = all.find((one) => one.email === email)!;
    const token = invitationToken(invitationKeyOf(world.base.secrets), invitationId);
    return (await does(who, 'acceptInvitation', { requestId, invitationId, token })).request;
  }
  async function sent(name: string, team: readonly Person[], official: Person | null): Promise<Payload> {
    const requestId = ids.get(name)!;
    const view = async (who: Person) => {
      const { data } = await world.ask(
        { accountId: idOf(who) },
        'query($id: ID!) { accessRequest(id: $id) { seenHash amendment { seenHash } } }',
        { id: requestId },
      );
      return (data.accessRequest.amendment ?? data.accessRequest).seenHash as string;
    };
    const seen = await view(team[0]!);
    for (const who of team)
      await does(who, 'signAgreement', {
        requestId,
        version: 1,
        seen,
        ...(who === team[0] && {
          typedName:
            who === 'ada' || who === 'eve' ? `${who[0]!.toUpperCase()}${who.slice(1)} Person` : `${who} Person`,
        }),
      });
    let { request } = await does(team[0]!, 'submitAccessRequest', { requestId });
    if (official !== null) {
      const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
      ({ request } = await does(official, 'endorseAccessRequest', { requestId, seen, ...attests }));
    }
    return request;
  }
  const proposed = async (name: string, by: Person, access: Access, mark = name): Promise<Payload> => {
    const requestId = ids.get(name)!;
    const { data } = await world.ask(
      { accountId: idOf(by) },
      'query($id: ID!) { accessRequest(id: $id) { seenHash amendment { seenHash } } }',
      { id: requestId },
    );
    const seen = (data.accessRequest.amendment ?? data.accessRequest).seenHash;
    const terms = {
      requestId,
      seen,
      items: items(access),
      endsAt: name === 'hals' ? SOON : ENDS,
      conditions: `§${mark}-conditions`,
      confirmsExport: true,
    };
    const { request } = await does(by, 'approveAccessRequest', terms);
    if (request.amendment !== null) ids.set(`amendment of ${name}`, request.amendment.id);
    return { ...request, seen };
  };
  async function approved(
    name: string,
    team: readonly [Person, ...Person[]],
    official: Person,
    access: Access,
  ): Promise<void> {
    await written(name, team[0], access, team.slice(1));
    await sent(name, team, official);
    let request = await proposed(name, 'sue', access);
    if (request.state !== 'APPROVED') {
      const { termsHash } = request.proposal;
      const input = { requestId: request.id, seen: request.seen, termsHash, confirmsExport: true };
      ({ request } = await does('sam', 'secondApproval', input));
    }
    ids.set(`grant of ${name}`, request.grant.id);
  }

  await written('draft', 'ada', { LABELS: ['READ'] });
  await does('ada', 'inviteCollaborator', { requestId: ids.get('draft')!, email: 'ivy@example.org' });

  await written('unsent', 'ada', { LABELS: ['READ'] });
  await does('ada', 'withdrawAccessRequest', { requestId: ids.get('unsent')! });

  await written('withdrawn', 'ada', { LABELS: ['READ'] });
  await sent('withdrawn', ['ada'], null);
  await does('ada', 'withdrawAccessRequest', { requestId: ids.get('withdrawn')! });

  await written('returned', 'ada', { LABELS: ['READ'] });
  await sent('returned', ['ada'], null);
  await does('sam', 'returnAccessRequest', { requestId: ids.get('returned')!, changes: '§returned-changes' });

  const FACES: Access = { LABELS: ['READ'], FACES: ['READ'] };
  await written('sent', 'ada', FACES);
  await sent('sent', ['ada'], 'olu');
  const requestId = ids.get('sent')!;
  await does('sam', 'assignAccessRequest', { requestId, stewardId: idOf('sue') });
  await does('sam', 'commentAccessRequest', { requestId, text: '§sent-among-stewards', to: 'STEWARDS' });
  await does('sam', 'commentAccessRequest', { requestId, text: '§sent-to-applicant', to: 'APPLICANT' });
  await does('ada', 'commentAccessRequest', { requestId, text: '§sent-from-team', to: 'STEWARDS' });
  await does('rey', 'recuseFromAccessRequest', { requestId });
  await proposed('sent', 'sue', FACES);

  // A steward's own: what the others say of it is not for them.
  await written('pats', 'pat', FACES);
  await sent('pats', ['pat'], 'oda');
  await does('sam', 'commentAccessRequest', {
    requestId: ids.get('pats')!,
    text: '§pats-among-stewards',
    to: 'STEWARDS',
  });
  await does('pat', 'commentAccessRequest', { requestId: ids.get('pats')!, text: '§pats-own-comment', to: 'STEWARDS' });
  await proposed('pats', 'sue', FACES);

  await approved('approved', ['ada', 'ben', 'rex', 'kim', 'dan'], 'olu', WIDE);
  await does('ada', 'removeMember', { requestId: ids.get('approved')!, accountId: idOf('rex') });
  // An amendment that is being written.
  await does('ada', 'amendAccessRequest', { requestId: ids.get('approved')! });
  await does('ada', 'editAccessRequest', { requestId: ids.get('approved')!, form: filled('amending', WIDE) });
  const amending = await joined(ids.get('approved')!, 'ada', 'jon');
  ids.set('amendment of approved', amending.amendment.id);

  await approved('eves', ['eve'], 'oda', RUN_ONLY);
  // An amendment that was sent in, endorsed and proposed.
  await does('eve', 'amendAccessRequest', { requestId: ids.get('eves')! });
  const wider = { ...RUN_ONLY, FRAMES: ['RUN'] } as const;
  await does('eve', 'editAccessRequest', { requestId: ids.get('eves')!, form: filled('amended', wider) });
  await sent('eves', ['eve'], 'oda');
  await proposed('eves', 'sam', wider, 'amended');

  await approved('hals', ['hal'], 'hue', WIDE);
  const renewed = await does('hal', 'renewAccessRequest', { requestId: ids.get('hals')!, progressReport: '§progress' });
  ids.set('renewal', renewed.request.id);
  await approved('rexs', ['rex'], 'olu', { LABELS: ['READ'] });
  await does('sam', 'revokeGrant', { requestId: ids.get('rexs')!, reason: '§revoked' });
  await does('rex', 'attestCloseOut', { requestId: ids.get('rexs')!, destroyed: true, statement: '§attested' });
  const linked = await does('ivy', 'createAccessRequest', { linkedTo: ids.get('draft')! });
  ids.set('linked', linked.request.id);
  await approved('lous', ['lou'], 'hue', GROUPS);
  await approved('bobs', ['bob'], 'bea', WIDE);
}
