import type { Role } from '../../governance/roles.ts';

/** What happened at the door, for the audit log; the listener decides how to write it. */
export type AuthEvent =
  | {
      type: 'SIGNED_IN';
      accountId: string;
      at: Date;
      address: string | undefined;
      /** Absent for the portal. With a token: its first use of the realm's session, or of the personal token. */
      how?: 'token' | 'personal-token';
      /** With the second factor, asked for by a decision. */
      secondFactor?: true;
      /** The realm's session. */
      session?: string;
      /** The personal token. */
      token?: string;
    }
  | { type: 'SIGNED_OUT'; accountId: string; at: Date }
  | { type: 'SESSION_ENDED'; accountId: string; at: Date; reason: string }
  | { type: 'SIGN_IN_FAILED' | 'SIGN_IN_THROTTLED'; username: string; address: string; at: Date }
  | { type: 'ACCOUNT_CREATED'; accountId: string; username: string; at: Date }
  | { type: 'ROLES_CHANGED'; accountId: string; before: readonly Role[]; after: readonly Role[]; at: Date }
  | { type: 'ROLES_REFUSED'; accountId: string; pairs: readonly (readonly [Role, Role])[]; at: Date };
