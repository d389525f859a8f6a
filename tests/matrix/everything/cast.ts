import type { Role } from '../../../governance/roles.ts';
import type { Who, World } from '../../api/mutations/world.ts';
import { fixtureId } from '../../support/study-fixture.ts';

/** Everybody beside the people of `startWorld`: where they work, and what they are. */
const MORE = {
  ivy: ['uni', ['researcher']],
  rex: ['uni', ['researcher']],
  kim: ['uni', ['researcher']],
  dan: ['uni', ['researcher']],
  jon: ['uni', ['researcher']],
  pat: ['lab', ['researcher', 'steward']],
  sid: ['uni', ['steward']],
  rey: ['nih', ['steward']],
  sly: ['nih', ['steward']],
  fay: ['nih', ['steward']],
  dee: ['nih', []],
  ofi: ['uni', ['signing-official']],
  cex: ['nih', ['curator']],
  cys: ['nih', ['curator']],
  aus: ['nih', ['auditor']],
  ads: ['nih', ['admin']],
  ad2: ['nih', ['admin']],
  hal: ['hall', ['researcher']],
  bob: ['den', ['researcher']],
  bea: ['den', ['signing-official']],
  lou: ['hall', ['researcher']],
  hue: ['hall', ['signing-official']],
} as const satisfies Record<string, readonly [string, readonly Role[]]>;

export type Extra = keyof typeof MORE;
export type Person = Extra | 'ada' | 'ben' | 'eve' | 'olu' | 'oda' | 'sam' | 'sue' | 'cy' | 'aud' | 'adm' | 'nob';

export const idOf = (name: Person): string => fixtureId('person', name);
export const as = (name: Person): Who => ({ accountId: idOf(name) });
export const institutionOf = (key: string): string => fixtureId('institution', key);

const PAST = new Date('2024-12-15T12:00:00Z');

export async function addCast({ db: { pool } }: World): Promise<void> {
  for (const [key, standing] of [
    ['hall', 'VERIFIED'],
    ['den', 'VERIFIED'],
    ['new', 'UNVERIFIED'],
  ])
    await pool.query(
      `INSERT INTO institution (id, name, ror, country, standing, created_at) VALUES ($1, $2, $3, 'US', $4, $5)`,
      [institutionOf(key!), key, `https://ror.org/${key}`, standing, PAST],
    );
  for (const [name, [institution, roles]] of Object.entries(MORE)) {
    const id = fixtureId('person', name);
    await pool.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, institution_id, created_at) VALUES ($1, 'fixture', $2, $2, $3, $4, $5, $6)`,
      [id, name, `${name} Person`, `${name}@example.org`, institutionOf(institution), PAST],
    );
    for (const role of roles)
      await pool.query('INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, $3)', [id, role, PAST]);
    if ((roles as readonly Role[]).includes('signing-official'))
      await pool.query('INSERT INTO official (institution_id, account_id, bound_at, proof) VALUES ($1, $2, $3, $4)', [
        institutionOf(institution),
        id,
        PAST,
        `§proof-${name}`,
      ]);
  }
}

/** Somebody who looks: with which sign-in, and what counts of what they are. */
export interface Viewer {
  readonly name: string;
  readonly who: Person | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Their roles, as far as they count. */
  readonly roles: readonly Role[];
  readonly suspended?: true;
  /** With a token that is bound to a grant: of the name of the thing. */
  readonly token?: string;
}

const viewer = (who: Person, roles: readonly Role[], more: Partial<Viewer> = {}): Viewer => ({
  ...{ name: who, who, roles },
  ...more,
});
const SUSPENDED = { suspended: true } as const;

/** Every kind of looker. Who is suspended has their roles still; that none of them counts is what is tested. */
export const VIEWERS: readonly Viewer[] = [
  { name: 'a stranger', who: null, roles: [] },
  viewer('nob', []),
  viewer('ada', ['researcher']),
  viewer('ben', ['researcher']),
  viewer('ivy', ['researcher']),
  viewer('rex', ['researcher']),
  viewer('kim', ['researcher'], SUSPENDED),
  viewer('dan', []),
  viewer('jon', ['researcher']),
  viewer('eve', ['researcher']),
  viewer('lou', ['researcher']),
  viewer('hal', ['researcher']),
  viewer('bob', ['researcher']),
  viewer('bea', ['signing-official']),
  viewer('pat', ['researcher', 'steward']),
  viewer('olu', ['signing-official']),
  viewer('oda', ['signing-official']),
  viewer('ofi', ['signing-official'], SUSPENDED),
  viewer('sam', ['steward']),
  viewer('sue', ['steward']),
  viewer('sid', ['steward']),
  viewer('rey', ['steward']),
  viewer('sly', ['steward'], SUSPENDED),
  viewer('fay', []),
  viewer('dee', []),
  viewer('cy', ['curator']),
  viewer('cex', ['curator']),
  viewer('cys', ['curator'], SUSPENDED),
  viewer('aud', ['auditor']),
  viewer('aus', ['auditor'], SUSPENDED),
  viewer('adm', ['admin']),
  viewer('ad2', ['admin']),
  viewer('ads', ['admin'], SUSPENDED),
  viewer('ada', ['researcher'], { name: 'ada, by a token of her grant', token: 'approved' }),
  viewer('ada', ['researcher'], { name: 'ada, by a token of another grant', token: 'eves' }),
  viewer('ada', ['researcher'], { name: 'ada, by a device login', headers: { 'iss-grant': 'approved' } }),
  viewer('sam', ['steward'], { name: 'sam, by a token', token: 'approved' }),
];
