import type { Actor } from '../../../governance/actor.ts';
import { draftProblems, formProblems, type RequestDraft } from '../../../governance/forms.ts';
import { REFUSALS } from '../../../governance/request/refusals.ts';
import type {
  AccessRequestFacts,
  FormProblemFacts,
  GivenCommand,
  RequestCommands,
  RequestFailed,
  RequestFailureCode,
  RequestResult,
} from '../../../schema/services/requests.ts';
import type { PageOf } from '../../../schema/services/result.ts';
import type { CommandDeps } from '../command-deps.ts';
import { permitOf } from '../permit.ts';
import { type RequestReader, requestReader } from './request-reader.ts';
import type { RequestService } from './request-service.ts';
import { otherRequests, requestPage, requestView } from './request-views.ts';

const MOST_OF_ONE_PERSON = 500;
const NO_REQUESTS: PageOf<AccessRequestFacts> = { nodes: [], cursors: [], hasNextPage: false, totalCount: 0 };

const sameName = (one: string, other: string): boolean => {
  const plain = (name: string) => name.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
  return plain(one) === plain(other);
};

/** Commands on access requests by one actor, and what they may see of requests. What a command does is decided by `requests`. */
export function requestCommands(deps: CommandDeps, requests: RequestService, actor: Actor): RequestCommands {
  const { database, clock } = deps;
  const permit = permitOf(deps, actor);

  async function readerNow(): Promise<RequestReader | null> {
    return requestReader(deps, actor);
  }

  /** Commands are a person's own: signed in, not suspended, by no token of a script. The table of permissions says the rest. */
  const inPerson = (command: string, request?: string) => permit('SIGN_AGREEMENT', { command, request });

  const lookNow = async () => {
    const reader = await readerNow();
    return reader && { sql: database, reader, now: clock.now() };
  };

  async function done(requestId: string): Promise<RequestResult> {
    const look = await lookNow();
    const request = look && (await requestView(look, requestId, { acted: true }));
    if (!request) throw new Error('a request that was just commanded is gone');
    return { ok: true, request };
  }

  async function failed(
    requestId: string,
    failure: { code: RequestFailureCode; subject: string | null; message: string },
    form?: RequestDraft,
  ): Promise<RequestFailed> {
    // Who is told that there is none is told nothing else of it.
    const look = failure.code === 'NOT_FOUND' ? null : await lookNow();
    const request = look && (await requestView(look, requestId));
    const problems = (): readonly FormProblemFacts[] => {
      if (failure.code === 'FORM_INVALID') return draftProblems(form);
      const written = request?.state.amendment ?? request?.state;
      return failure.code === 'FORM_INCOMPLETE' ? formProblems(written?.form ?? {}) : [];
    };
    return { ok: false, ...failure, currentVersion: request?.state.version ?? null, problems: problems() };
  }

  async function give(requestId: string, command: GivenCommand): Promise<RequestResult> {
    const allowed = await inPerson(command.type, requestId);
    if (!allowed.ok) return allowed;
    const result = await requests.command(allowed.actor.accountId, requestId, command);
    if (result.ok) return done(result.begun?.id ?? requestId);
    const { code, subject, message } = result;
    if (code === 'STUDY_UNKNOWN') throw new Error('a request of no study');
    return failed(requestId, { code, subject, message }, command.type === 'edit' ? command.form : undefined);
  }

  return {
    give,

    async create(study, linkedTo) {
      const allowed = await inPerson('create');
      if (!allowed.ok) return allowed;
      // Only who may know of a request links one to it: its team and those who are asked to join.
      const look = await lookNow();
      if (linkedTo !== null && !(look && (await requestView(look, linkedTo)))) {
        const message = REFUSALS.NOT_FOUND;
        return { ok: false, code: 'NOT_FOUND', subject: linkedTo, message, currentVersion: null, problems: [] };
      }
      const result = await requests.create(allowed.actor.accountId, study ?? deps.defaultStudy, linkedTo);
      if (result.ok) return done(result.state.id);
      const { code, subject, message } = result;
      if (code === 'STUDY_UNKNOWN') return { ok: false, code, message };
      return { ok: false, code, subject, message, currentVersion: null, problems: [] };
    },

    edit: (requestId, form, expectedVersion) =>
      give(requestId, { type: 'edit', form, ...(expectedVersion !== null && { expectedVersion }) }),

    async sign(requestId, command, typedName) {
      const allowed = await inPerson(command.type, requestId);
      if (!allowed.ok) return allowed;
      if (typedName !== null) {
        const { rows } = await database.query<{ name: string }>('SELECT name FROM account WHERE id = $1', [
          allowed.actor.accountId,
        ]);
        if (!sameName(rows[0]?.name ?? '', typedName))
          return failed(requestId, {
            code: 'NAME_DIFFERS',
            subject: null,
            message: 'The name that was typed is not the one of your account.',
          });
      }
      return give(requestId, { ...command, typedName: typedName?.trim().replaceAll(/\s+/g, ' ') ?? null });
    },

    async get(requestId) {
      const look = await lookNow();
      return look && requestView(look, requestId);
    },

    async asOf(requestId, version) {
      const look = await lookNow();
      return look && requestView(look, requestId, { version });
    },

    async list(states, waitsFor, page) {
      const look = await lookNow();
      if (look === null) return NO_REQUESTS;
      return requestPage(look, { states, waitsFor, mine: false }, page);
    },

    async others(of, page) {
      const look = await lookNow();
      if (look === null) return NO_REQUESTS;
      return otherRequests(look, of, page);
    },

    async mine() {
      const look = await lookNow();
      if (look === null) return [];
      const all = { states: null, waitsFor: null, mine: true };
      return (await requestPage(look, all, { first: MOST_OF_ONE_PERSON, after: null })).nodes;
    },
  };
}
