import {
  ASKS,
  about,
  asked,
  type Circumstances,
  type Does,
  end,
  isEndorsed,
  type Model,
  needed,
  type Paper,
  type Person,
  type Terms,
  team,
} from './naive-request.ts';

/** Another text: nothing that was said of the one before counts for it. */
const rewritten = (m: Model, p: Paper): void => {
  m.texts += 1;
  p.text = m.texts;
};

const leaves = (p: Paper | null, who: Person): void => {
  for (const one of p?.team ?? []) if (one.joined && one.email === who) one.left = true;
};

const ends = (m: Model, status: string): void => {
  m.status = status;
  m.amendment = null;
  m.proposal = null;
};

const give = (m: Model, p: Paper, terms: Terms, stewards: Person[]): void => {
  m.grant = { terms, stewards };
  m.status = 'APPROVED';
  p.proposal = null;
  if (p === m) return;
  const signed = new Set([...m.signed, ...p.signed]);
  Object.assign(m, { text: p.text, form: p.form, team: p.team, endorsed: p.endorsed, signed, amendment: null });
};

/** What becomes of the request with a command that nothing is against. */
export const take = (m: Model, d: Does, c: Circumstances): void => {
  const p = about(m, d, c);
  const me = d.who as Person;
  switch (d.type) {
    case 'edit':
      if (p.form === d.form) return;
      p.form = d.form;
      rewritten(m, p);
      return;
    case 'invite':
      p.team = p.team.filter((one) => one.left || one.email !== d.email || one.joined);
      p.team.push({ id: d.id, email: d.email, joined: false, until: c.day + 14, left: false });
      rewritten(m, p);
      return;
    case 'removeCollaborator':
      p.team = p.team.filter(({ id }) => id !== d.invitation);
      rewritten(m, p);
      return;
    case 'acceptInvitation':
      for (const one of p.team) if (one.id === d.invitation) one.joined = true;
      return;
    case 'signAgreement':
      p.signed.add(`${me} ${team(m, p).includes(me) ? 'MEMBER' : 'OFFICIAL'} ${p.text}`);
      return;
    case 'submit':
      p.status = 'SUBMITTED';
      m.sent = true;
      p.proposal = null;
      return;
    case 'endorse':
      p.endorsed = { by: me, text: p.text, successor: d.successor };
      p.signed.add(`${me} OFFICIAL ${p.text}`);
      return;
    case 'decline':
      p.endorsed = null;
      p.status = 'RETURNED';
      p.proposal = null;
      return;
    case 'return':
      p.status = 'RETURNED';
      p.proposal = null;
      return;
    case 'recuse':
      m.recused.add(me);
      if (m.proposal?.by === me) m.proposal = null;
      return;
    case 'propose':
      if (needed(d.terms) > 1) p.proposal = { by: me, terms: d.terms, confirms: d.confirms };
      else give(m, p, d.terms, [me]);
      return;
    case 'second':
      if (p.proposal !== null) give(m, p, p.proposal.terms, [p.proposal.by, me]);
      return;
    case 'reject':
    case 'withdraw':
      if (p !== m) m.amendment = null;
      else ends(m, d.type === 'reject' ? 'REJECTED' : 'WITHDRAWN');
      return;
    case 'amend':
      m.amendment = {
        ...{ status: 'DRAFT', text: 0, form: m.form, team: asked(m, m).map((one) => ({ ...one })) },
        ...{ signed: new Set<string>(), endorsed: null, proposal: null },
      };
      rewritten(m, m.amendment);
      return;
    case 'removeMember':
      if (me === m.lead && d.whom === m.lead) {
        m.left = true;
        m.endorsed = null;
        m.status = 'SUSPENDED';
        return;
      }
      leaves(m, d.whom);
      leaves(m.amendment, d.whom);
      return;
    case 'suspend':
      m.status = 'SUSPENDED';
      m.left = d.who === 'clock';
      // Only a steward's suspension leaves the endorsement as it is.
      if (d.who === 'clock' || d.who === 'olu') m.endorsed = null;
      return;
    case 'resume':
      m.status = 'APPROVED';
      if (m.left && m.endorsed?.successor != null) m.lead = m.endorsed.successor;
      m.left = false;
      return;
    case 'revoke':
      ends(m, 'REVOKED');
      return;
    case 'expire':
      ends(m, 'EXPIRED');
      return;
    case 'renew':
      m.renewal = { id: d.id, given: false };
      return;
    case 'followRenewal':
      follow(m, d.news, d.start, c.day);
      return;
    case 'attestCloseOut':
      m.closing = me;
      m.amendment = null;
      return;
    case 'countersignCloseOut':
      ends(m, 'CLOSED');
      return;
    default:
  }
};

const follow = (m: Model, news: string, start: number, day: number): void => {
  const last = end(m);
  if (news === 'SUBMITTED') m.extended = last + 30;
  else if (news === 'APPROVED' && m.renewal !== null) {
    m.renewal = { ...m.renewal, given: true };
    const over = m.status === 'EXPIRED' || last <= day;
    m.renewedFrom = over ? last : Math.min(Math.max(start, day), last);
    if (!over && m.renewedFrom <= day) ends(m, 'EXPIRED');
  } else {
    m.renewal = null;
    if (m.extended !== null && m.grant !== null)
      m.extended = day <= m.grant.terms.end ? null : Math.min(day, m.extended);
  }
};

const paperWaitsFor = (p: Paper): string => {
  if (p.status !== 'SUBMITTED') return 'APPLICANT';
  return isEndorsed(p) ? 'STEWARD' : 'SIGNING_OFFICIAL';
};

/** Who has to act next. */
export const waitsFor = (m: Model): string | null => {
  if (['DRAFT', 'RETURNED', 'SUBMITTED'].includes(m.status)) return paperWaitsFor(m);
  if (m.status === 'SUSPENDED')
    return isEndorsed(m) && (!m.left || m.endorsed?.successor != null) ? 'STEWARD' : 'SIGNING_OFFICIAL';
  if (m.status === 'APPROVED') {
    if (m.closing !== null) return 'SIGNING_OFFICIAL';
    return m.amendment === null ? null : paperWaitsFor(m.amendment);
  }
  if (m.status !== 'REVOKED' && m.status !== 'EXPIRED') return null;
  if (m.renewal?.given === true) return null;
  return m.closing === null ? 'APPLICANT' : 'SIGNING_OFFICIAL';
};

/** The step that leads on, so that histories come far; null where none is needed. */
export const onward = (m: Model, id: string, day: number, form: string, terms: string, dice: number): Does | null => {
  if (m.status === 'SUSPENDED') {
    const next = m.left ? (team(m).find((one) => one !== m.lead) ?? null) : null;
    return isEndorsed(m)
      ? { who: 'sam', id, type: 'resume' }
      : { who: 'olu', id, type: 'endorse', on: m.text, known: true, attests: true, successor: next };
  }
  if (m.closing !== null) return { who: 'olu', id, type: 'countersignCloseOut' };
  if (m.status === 'APPROVED' && m.amendment === null) return null;
  const p = m.amendment ?? m;
  if (p.status === 'DRAFT' || p.status === 'RETURNED') {
    if (ASKS[p.form] == null || (p !== m && p.form === m.form)) return { who: m.lead, id, type: 'edit', form };
    if (dice % 2 === 1 && p.signed.size === 0 && asked(m, p).length === 0)
      return { who: m.lead, id, type: 'invite', email: m.lead === 'ben' ? 'ina' : 'ben' };
    const open = asked(m, p).find(({ joined }) => !joined);
    if (open !== undefined && (open.until <= day || open.email === 'lia'))
      return { who: m.lead, id, type: 'removeCollaborator', invitation: open.id };
    if (open !== undefined) return { who: open.email, id, type: 'acceptInvitation', invitation: open.id, token: true };
    const unsigned = team(m, p).find((one) => !p.signed.has(`${one} MEMBER ${p.text}`));
    if (unsigned !== undefined) return { who: unsigned, id, type: 'signAgreement', on: p.text, known: true };
    return { who: m.lead, id, type: 'submit' };
  }
  if (p.status !== 'SUBMITTED') return { who: m.lead, id, type: 'attestCloseOut', said: true, destroyed: true };
  if (!isEndorsed(p))
    return { who: 'olu', id, type: 'endorse', on: p.text, known: true, attests: true, successor: null };
  if (p.proposal !== null) {
    const who = (['sam', 'sue', 'sol'] as const).find((one) => one !== p.proposal?.by && !m.recused.has(one)) ?? 'sam';
    return { who, id, type: 'second', on: p.text, same: true, confirms: true };
  }
  const { start = day, end: last = day + 300 } = m.grant?.terms ?? {};
  return { who: 'sue', id, type: 'propose', on: p.text, terms: { access: terms, start, end: last }, confirms: true };
};
