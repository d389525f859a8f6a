import type { Actor } from '../../../governance/actor.ts';
import { draftProblems, formProblems, type RequestDraft } from '../../../governance/forms.ts';
import type {
  FormProblemFacts,
  GivenCommand,
  RequestCommands,
  RequestFailed,
  RequestFailureCode,
  RequestResult,
} from '../../../schema/services/requests.ts';
import type { CommandDeps } from '../command-deps.ts';
import { permitOf } from '../permit.ts';
import { type RequestReader, requestReader } from './request-reader.ts';
import type { RequestService } from './request-service.ts';
import { requestPage, requestView } from './request-views.ts';

const MOST_OF_ONE_PERSON = 500;

const sameName = (one: string, other: string): boolean => {
  const plain = (name: string) => name.normalize('NFC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
  return plain(one) === plain(other);
};

/** Commands on access requests by one actor, and what they may see of requests. What a command does is decided by `requests`. */
export function requestCommands(deps: CommandDeps, requests: RequestService, actor: Actor): RequestCommands {
  const { database } = deps;
  const permit = permitOf(deps, actor);

  async function readerNow(): Promise<RequestReader | null> {
    return requestReader(deps, actor);
  }

  /** Commands are a person's own: signed in, not suspended, by no token of a script. The table of permissions says the rest. */
  const inPerson = (command: string, request?: string) => permit('SIGN_AGREEMENT', { command, request });

  async function done(requestId: string): Promise<RequestResult> {
    const reader = await readerNow();
    const request = reader && (await requestView(database, reader, requestId, true));
    if (!request) throw new Error('a request that was just commanded is gone');
    return { ok: true, request };
  }

  async function failed(
    requestId: string,
    failure: { code: RequestFailureCode; subject: string | null; message: string },
    form?: RequestDraft,
  ): Promise<RequestFailed> {
    const reader = await readerNow();
    const request = reader && (await requestView(database, reader, requestId));
    const problems = (): readonly FormProblemFacts[] => {
      if (failure.code === 'FORM_INVALID') return draftProblems(form);
      return failure.code === 'FORM_INCOMPLETE' ? formProblems(request?.state.form ?? {}) : [];
    };
    return { ok: false, ...failure, currentVersion: request?.state.version ?? null, problems: problems() };
  }

  async function give(requestId: string, command: GivenCommand): Promise<RequestResult> {
    const allowed = await inPerson(command.type, requestId);
    if (!allowed.ok) return allowed;
    const result = await requests.command(allowed.actor.accountId, requestId, command);
    if (result.ok) return done(requestId);
    const { code, subject, message } = result;
    if (code === 'STUDY_UNKNOWN') throw new Error('a request of no study');
    return failed(requestId, { code, subject, message }, command.type === 'edit' ? command.form : undefined);
  }

  return {
    give,

    async create(study) {
      const allowed = await inPerson('create');
      if (!allowed.ok) return allowed;
      const result = await requests.create(allowed.actor.accountId, study ?? deps.defaultStudy);
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
      const reader = await readerNow();
      return reader && requestView(database, reader, requestId);
    },

    async list(states, page) {
      const reader = await readerNow();
      if (reader === null) return { nodes: [], cursors: [], hasNextPage: false, totalCount: 0 };
      return requestPage(database, reader, { states, mine: false }, page);
    },

    async mine() {
      const reader = await readerNow();
      if (reader === null) return [];
      const all = { states: null, mine: true };
      return (await requestPage(database, reader, all, { first: MOST_OF_ONE_PERSON, after: null })).nodes;
    },
  };
}
