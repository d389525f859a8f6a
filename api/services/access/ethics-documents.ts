import type { AccountActor, Actor } from '../../../governance/actor.ts';
import { decide } from '../../../governance/decide.ts';
import { everybodyOf, type RequestState } from '../../../governance/request/state.ts';
import type { EthicsDocumentFacts, EthicsDocuments } from '../../../schema/services/ethics-documents.ts';
import type { CommandDeps } from '../command-deps.ts';
import type { OpenResult } from '../files/file-access.ts';
import type { EthicsTicket, TicketOffice } from '../files/ticket.ts';
import { requestReader } from './request-reader.ts';
import { requestView } from './request-views.ts';
import { decidesAsDeputy } from './stand-in.ts';
import { uploadKey } from './uploads.ts';

/** The document that the form names: of an amendment under way, or of the request. */
const namedBy = (form: RequestState['form'] | undefined): string | null => form?.ethicsApproval?.documentSha256 ?? null;

/**
 * Whether somebody may open the ethics approval of a request: its team, stewards, who have to look at it, and the deputy who decides it in their place.
 * An official sees the rest of the request; a token of a script opens no document of people.
 */
async function mayOpen(deps: Deps, actor: Actor, state: RequestState): Promise<boolean> {
  if (actor.kind !== 'account' || (actor.tokenGrantId ?? null) !== null) return false;
  const now = deps.clock.now();
  const facts = await deps.loadFacts(deps.database, actor.accountId, now, null);
  const action = everybodyOf(state).includes(actor.accountId) ? 'VIEW_OWN' : 'VIEW_CERTIFICATES';
  return (
    decide(actor, action, { kind: 'none' }, facts, now).allow ||
    (state.submittedAt !== null && (await decidesAsDeputy(deps.database, actor.accountId, state, now)))
  );
}

type Deps = Pick<CommandDeps, 'database' | 'clock' | 'ids' | 'audit' | 'loadFacts' | 'defaultStudy'>;

interface Stored {
  readonly bytes: number;
  readonly contentType: string;
}

/** What was sent to /uploads by the applicant under this hash; it is kept while a form names it. */
async function stored(deps: Deps, applicantId: string, sha256: string): Promise<Stored | null> {
  const { rows } = await deps.database.query<Stored & Record<string, unknown>>(
    'SELECT bytes::float8 AS bytes, content_type AS "contentType" FROM upload WHERE account_id = $1 AND sha256 = $2',
    [applicantId, sha256],
  );
  return rows[0] ?? null;
}

/** The documents of ethics approvals, for one actor. */
export function ethicsDocuments(deps: CommandDeps & { readonly tickets: TicketOffice }, actor: Actor): EthicsDocuments {
  return {
    async of(state): Promise<EthicsDocumentFacts | null> {
      const sha256 = namedBy(state.amendment?.form ?? state.form);
      if (sha256 === null || !(await mayOpen(deps, actor, state))) return null;
      const file = await stored(deps, state.applicantId, sha256);
      return { sha256, requestId: state.id, contentType: file?.contentType ?? null };
    },
    file({ requestId, sha256 }) {
      if (actor.kind !== 'account') throw new Error('a ticket is for somebody who is signed in');
      return deps.tickets.issue({ kind: 'ethics', accountId: actor.accountId, requestId, sha256 });
    },
  };
}

/** The document behind a ticket, asked anew: the request as it stands now has to name it, and this person to be one who may look. */
export function openEthicsDocument(deps: Deps) {
  return async (ticket: EthicsTicket, actor: AccountActor): Promise<OpenResult> => {
    const { requestId, sha256 } = ticket;
    const allowed = async (): Promise<RequestState | null> => {
      const reader = await requestReader(deps, actor);
      const look = reader && { sql: deps.database, reader, now: deps.clock.now() };
      const state = (look && (await requestView(look, requestId)))?.state ?? null;
      if (state === null || ![namedBy(state.form), namedBy(state.amendment?.form)].includes(sha256)) return null;
      return (await mayOpen(deps, actor, state)) ? state : null;
    };
    const state = await allowed();
    const file = state && (await stored(deps, state.applicantId, sha256));
    if (state === null || file === null) return null;
    return {
      kind: 'file',
      ticketId: ticket.id,
      who: { accountId: actor.accountId, grantId: null },
      about: { ethicsApproval: requestId, sha256 },
      name: `ethics-approval.${file.contentType.split('/')[1]}`,
      contentType: file.contentType,
      bytes: file.bytes,
      sha256,
      etag: sha256.slice(0, 32),
      // As with certificates: a PDF may hold a script; it is saved, or drawn in a page of another origin.
      inline: file.contentType !== 'application/pdf',
      objectKey: uploadKey(state.applicantId, sha256),
      firstByte: 0,
      stillAllowed: async () => (await allowed()) !== null,
    };
  };
}
