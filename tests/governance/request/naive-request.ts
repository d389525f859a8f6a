/**
 * A second opinion on access requests, written without a look at the first: plain sets, days as whole numbers, every
 * unmet requirement by its class. It shares no code with governance/request.
 */

/** As what a refusal stands: what does not exist for somebody, is not theirs, not now, not for them, of another state. */
export type Class = 'hidden' | 'theirs' | 'state' | 'conflict' | 'stale' | 'unready';

export const PEOPLE = {
  ada: { institution: 'uni', roles: ['researcher'] },
  ben: { institution: 'uni', roles: ['researcher'] },
  ina: { institution: 'uni', roles: ['researcher'] },
  lia: { institution: 'lab', roles: ['researcher'] },
  eve: { institution: 'uni', roles: ['researcher'] },
  olu: { institution: 'uni', roles: ['signing-official'] },
  oda: { institution: 'lab', roles: ['signing-official'] },
  sam: { institution: 'nih', roles: ['steward'] },
  sue: { institution: 'nih', roles: ['steward'] },
  sol: { institution: 'nih', roles: ['steward'] },
  uma: { institution: 'uni', roles: ['steward', 'researcher'] },
  cy: { institution: 'nih', roles: ['curator'] },
} as const;
export type Person = keyof typeof PEOPLE;
export type Who = Person | 'clock';
export const STEWARDS: readonly Person[] = ['sam', 'sue', 'sol', 'uma'];

type Access = Readonly<Record<string, readonly string[]>>;
/** What each form asks for; null where it cannot be sent in. */
export const ASKS: Readonly<Record<string, Access | null>> = {
  none: null,
  half: null,
  labels: { LABELS: ['READ', 'RUN'] },
  video: { LABELS: ['READ', 'RUN', 'EXPORT'], VIDEO: ['READ', 'RUN', 'EXPORT'] },
  faces: { LABELS: ['READ', 'RUN', 'EXPORT'], FACES: ['RUN'] },
};
export const TERMS: Readonly<Record<string, Access>> = {
  nothing: {},
  labels: { LABELS: ['READ'] },
  video: { LABELS: ['READ'], VIDEO: ['READ'] },
  export: { LABELS: ['READ'], VIDEO: ['READ', 'EXPORT'] },
  faces: { LABELS: ['READ'], FACES: ['RUN'] },
};
const SHOWS = ['VIDEO', 'FACES'];

export interface Terms {
  access: string;
  start: number;
  end: number;
}
export interface Invitation {
  id: string;
  email: Person;
  joined: boolean;
  until: number;
  left: boolean;
}
/** What can be edited, signed and decided: the request, or an amendment of it. */
export interface Paper {
  status: string;
  text: number;
  form: string;
  team: Invitation[];
  /** `who as text`. */
  signed: Set<string>;
  endorsed: { by: Person; text: number; successor: Person | null } | null;
  proposal: { by: Person; terms: Terms; confirms: boolean } | null;
}
export interface Model extends Paper {
  lead: Person;
  /** Sent in once; until then it is its team's own. */
  sent: boolean;
  texts: number;
  recused: Set<Person>;
  amendment: Paper | null;
  grant: { terms: Terms; stewards: Person[] } | null;
  left: boolean;
  closing: Person | null;
  renewal: { id: string; given: boolean } | null;
  extended: number | null;
  renewedFrom: number | null;
}
export interface Circumstances {
  day: number;
  eligible: boolean;
  official: boolean;
  coAuthors: readonly Person[];
  late: boolean;
  moved: boolean;
  suspended: boolean;
}
/** A command in the words of the model. `on`: the text that its sender looked at. */
export type Does = { who: Who; id: string } & (
  | { type: 'edit'; form: string }
  | { type: 'invite'; email: Person }
  | { type: 'removeCollaborator'; invitation: string }
  | { type: 'acceptInvitation'; invitation: string; token: boolean }
  | { type: 'signAgreement'; on: number; known: boolean }
  | { type: 'endorse'; on: number; known: boolean; attests: boolean; successor: Person | null }
  | { type: 'assign' | 'removeMember'; whom: Person }
  | { type: 'propose'; on: number; terms: Terms; confirms: boolean }
  | { type: 'second'; on: number; same: boolean; confirms: boolean }
  | { type: 'decline' | 'comment' | 'return' | 'reject' | 'suspend' | 'revoke' | 'renew'; said: boolean }
  | { type: 'attestCloseOut'; said: boolean; destroyed: boolean }
  | { type: 'followRenewal'; renewal: string; news: string; start: number }
  | { type: 'submit' | 'recuse' | 'withdraw' | 'amend' | 'resume' | 'expire' | 'countersignCloseOut' }
);
export type Type = Does['type'];

const OPEN = 'DRAFT RETURNED AMENDING';
const SENT = 'SUBMITTED AMENDED';
const TABLE: Readonly<Record<Type, readonly (readonly [states: string, parts: string])[]>> = {
  edit: [[OPEN, 'lead']],
  invite: [[OPEN, 'lead']],
  removeCollaborator: [[OPEN, 'lead']],
  acceptInvitation: [[OPEN, 'invited']],
  signAgreement: [
    [`${OPEN} APPROVED SUSPENDED`, 'lead member'],
    ['APPROVED SUSPENDED', 'official'],
  ],
  submit: [[OPEN, 'lead']],
  withdraw: [[`${OPEN} ${SENT}`, 'lead']],
  endorse: [[`${SENT} SUSPENDED`, 'official']],
  decline: [[SENT, 'official']],
  comment: [[SENT, 'lead member steward']],
  assign: [[SENT, 'steward']],
  recuse: [[SENT, 'steward']],
  return: [[SENT, 'steward']],
  propose: [[SENT, 'steward']],
  second: [[SENT, 'steward']],
  reject: [[SENT, 'steward']],
  amend: [['APPROVED', 'lead']],
  removeMember: [['APPROVED', 'lead member official steward']],
  suspend: [['APPROVED', 'official steward clock']],
  resume: [['SUSPENDED', 'steward']],
  revoke: [['APPROVED SUSPENDED', 'steward']],
  renew: [['APPROVED EXPIRED', 'lead']],
  followRenewal: [['APPROVED SUSPENDED EXPIRED', 'clock']],
  expire: [['APPROVED SUSPENDED', 'clock']],
  attestCloseOut: [['APPROVED EXPIRED REVOKED', 'lead']],
  countersignCloseOut: [['APPROVED EXPIRED REVOKED', 'official']],
};
export const TYPES = Object.keys(TABLE) as Type[];
const JUDGES: readonly Type[] = ['endorse', 'decline', 'return', 'propose', 'second', 'reject', 'resume'];
const among = (word: string, words: string): boolean => words.split(' ').includes(word);

const paper = (): Paper => ({
  ...{ status: 'DRAFT', text: 0, form: 'none', team: [], signed: new Set<string>() },
  ...{ endorsed: null, proposal: null },
});
export const begin = (lead: Person): Model => ({
  ...{ ...paper(), lead, sent: false, texts: 0, recused: new Set<Person>(), amendment: null, grant: null, left: false },
  ...{ closing: null, renewal: null, extended: null, renewedFrom: null },
});

export const asked = (m: Model, p: Paper): Invitation[] =>
  p.team.filter((one) => !one.left && !(one.joined && one.email === m.lead));
export const team = (m: Model, p: Paper = m): Person[] => [
  m.lead,
  ...asked(m, p).flatMap(({ joined, email }) => (joined ? [email] : [])),
];
const everybody = (m: Model): Person[] => [...team(m), ...(m.amendment === null ? [] : team(m, m.amendment))];
export const end = (m: Model): number => m.renewedFrom ?? m.extended ?? m.grant?.terms.end ?? Number.NEGATIVE_INFINITY;
export const isEndorsed = (p: Paper): boolean => p.endorsed?.text === p.text;
const ways = (m: Model): string[] =>
  m.status === 'APPROVED' && m.amendment !== null
    ? [m.status, m.amendment.status === 'SUBMITTED' ? 'AMENDED' : 'AMENDING']
    : [m.status];

const partsOf = (m: Model, who: Who, c: Circumstances): string[] => {
  if (who === 'clock') return ['clock'];
  const roles: readonly string[] = PEOPLE[who].roles;
  const parts: string[] = [];
  const invited = [m, m.amendment].some((p) => p !== null && asked(m, p).some((i) => i.email === who && !i.joined));
  if (roles.includes('researcher')) {
    if (who === m.lead) parts.push('lead');
    else if (everybody(m).includes(who)) parts.push('member');
    if (invited) parts.push('invited');
  }
  if (who === 'olu' && c.official && m.sent) parts.push('official');
  if (roles.includes('steward') && m.sent) parts.push('steward');
  return parts;
};

/** The paper that a command is about. */
export const about = (m: Model, d: Does, c: Circumstances): Paper => {
  const [, second] = ways(m);
  if (second === undefined || m.amendment === null || ['comment', 'assign', 'recuse'].includes(d.type)) return m;
  const may = (way: string) =>
    TABLE[d.type].some(([states, parts]) => among(way, states) && partsOf(m, d.who, c).some((p) => among(p, parts)));
  if (!may(second)) return m;
  if (!may(m.status)) return m.amendment;
  return 'on' in d && d.on === m.amendment.text ? m.amendment : m;
};

/** True for a steward who may decide. */
export const able = (m: Model, who: Person, c: Circumstances): boolean =>
  STEWARDS.includes(who) &&
  PEOPLE[who].institution !== 'uni' &&
  !m.recused.has(who) &&
  !c.coAuthors.includes(who) &&
  !everybody(m).includes(who);

export const needed = (terms: Terms): number =>
  Object.keys(TERMS[terms.access] ?? {}).some((one) => SHOWS.includes(one)) ? 2 : 1;
const exportsFaces = (terms: Terms): boolean =>
  Object.entries(TERMS[terms.access] ?? {}).some(([one, uses]) => SHOWS.includes(one) && uses.includes('EXPORT'));
export const within = (terms: Terms, form: string): boolean =>
  Object.entries(TERMS[terms.access] ?? {}).every(([one, uses]) => uses.every((u) => ASKS[form]?.[one]?.includes(u)));

/** Every class of reason for which a command is refused; empty where it is taken. */
export const against = (m: Model, d: Does, c: Circumstances): Set<Class> => {
  const no = new Set<Class>();
  const unless = (holds: boolean, otherwise: Class = 'unready') => holds || no.add(otherwise);
  const parts = partsOf(m, d.who, c);
  if (parts.length === 0) return new Set(['hidden']);
  const rules = TABLE[d.type];
  if (d.who !== 'clock' && c.suspended) return new Set(['theirs']);
  if (!rules.some(([, who]) => parts.some((p) => among(p, who)))) return new Set(['theirs']);
  const now = rules.some(([states, who]) => ways(m).some((w) => among(w, states)) && parts.some((p) => among(p, who)));
  if (!now) return new Set(['state']);
  const p = about(m, d, c);
  const me = d.who as Person;
  if (JUDGES.includes(d.type)) {
    const own = parts.includes('steward') && !parts.includes('official') && PEOPLE[me].institution === 'uni';
    unless(!m.recused.has(me) && !everybody(m).includes(me) && !c.coAuthors.includes(me) && !own, 'conflict');
  }
  const yes = () => {
    unless(isEndorsed(p) && c.official && c.eligible && !c.moved && !c.late);
  };
  const lasts = (terms: Terms) => unless(terms.end > terms.start && terms.end > c.day && terms.end <= c.day + 364);
  switch (d.type) {
    case 'invite': {
      const before = asked(m, p).find((one) => one.email === d.email);
      unless(d.email !== d.who && (before === undefined || (!before.joined && before.until <= c.day)));
      break;
    }
    case 'removeCollaborator':
      unless(asked(m, p).some((one) => one.id === d.invitation));
      break;
    case 'acceptInvitation': {
      const mine = asked(m, p).find((one) => one.id === d.invitation && !one.joined && one.email === me);
      unless(mine !== undefined && !team(m, p).includes(me) && PEOPLE[me].institution === 'uni');
      unless(mine !== undefined && mine.until > c.day && d.token);
      break;
    }
    case 'signAgreement':
      unless(d.on === p.text, 'stale');
      unless(d.known);
      if (!team(m, p).includes(me) && !parts.includes('official')) no.add('theirs');
      break;
    case 'submit':
      unless(ASKS[p.form] != null && c.eligible);
      unless(asked(m, p).every(({ joined }) => joined));
      unless(team(m, p).every((one) => p.signed.has(`${one} MEMBER ${p.text}`)));
      if (p !== m) unless(p.form !== m.form || emails(m, p) !== emails(m, m));
      break;
    case 'endorse':
      unless(d.on === p.text, 'stale');
      unless(c.eligible && d.attests && d.known);
      unless(d.successor === null || (d.successor !== m.lead && team(m, p).includes(d.successor)));
      break;
    case 'assign':
      unless(STEWARDS.includes(d.whom));
      if (STEWARDS.includes(d.whom)) unless(able(m, d.whom, c), 'conflict');
      break;
    case 'propose':
      unless(d.on === p.text, 'stale');
      yes();
      lasts(d.terms);
      unless(m.grant !== null || d.terms.start >= c.day);
      unless(m.grant === null || (d.terms.start === m.grant.terms.start && d.terms.end <= m.grant.terms.end));
      unless(d.terms.access !== 'nothing' && within(d.terms, p.form));
      unless(!exportsFaces(d.terms) || d.confirms);
      break;
    case 'second':
      unless(d.on === p.text && d.same, 'stale');
      yes();
      unless(p.proposal !== null);
      if (p.proposal === null) break;
      lasts(p.proposal.terms);
      unless(p.proposal.by !== me, 'conflict');
      unless(able(m, p.proposal.by, c));
      unless(!exportsFaces(p.proposal.terms) || (d.confirms && p.proposal.confirms));
      break;
    case 'amend':
      unless(m.amendment === null && m.closing === null);
      break;
    case 'removeMember':
      if (d.whom === m.lead && me === m.lead) break;
      if (!parts.some((part) => among(part, 'lead official steward'))) unless(d.whom === me, 'theirs');
      unless(d.whom !== m.lead && team(m).includes(d.whom));
      break;
    case 'suspend':
      unless(d.who === 'clock' ? c.moved : d.said);
      break;
    case 'resume':
      unless(end(m) > c.day && c.eligible && isEndorsed(m) && c.official);
      if (m.left) {
        const next = m.endorsed?.successor ?? null;
        unless(next !== null && next !== m.lead && team(m).includes(next));
      }
      break;
    case 'expire':
      unless(end(m) <= c.day);
      break;
    case 'renew':
      unless(m.renewal === null && m.closing === null && d.said && PEOPLE[me].institution === 'uni');
      unless(c.day >= end(m) - 90 && c.day <= end(m) + 30);
      break;
    case 'followRenewal': {
      unless(m.renewal !== null && m.renewal.id === d.renewal && !m.renewal.given);
      const over = m.status === 'EXPIRED' || end(m) <= c.day;
      if (d.news === 'SUBMITTED') unless(!over && m.extended === null);
      break;
    }
    case 'attestCloseOut':
      unless(m.closing === null && d.destroyed && d.said);
      break;
    case 'countersignCloseOut':
      unless(m.closing !== null);
      break;
    case 'decline':
    case 'comment':
    case 'return':
    case 'reject':
    case 'revoke':
      unless(d.said);
      break;
    default:
  }
  return no;
};

const emails = (m: Model, p: Paper): string =>
  asked(m, p)
    .map(({ email }) => email)
    .join();
