import type { Actor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import { decide } from '../../../governance/decide.ts';
import { type Policy, parsePolicy } from '../../../governance/policy.ts';
import { loosens, type PolicyChange, policyChanges } from '../../../governance/policy-change.ts';
import { readNewPolicy } from '../../../governance/policy-problems.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import type { PolicyCode, PolicyCommands, PolicyFailed, PolicyInput } from '../../../schema/services/policy.ts';
import type { Sql } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';
import type { CommandDeps } from '../command-deps.ts';
import { logCommand } from '../log-command.ts';
import { permitOf } from '../permit.ts';
import { RolledBack, rollBackWith } from '../rolled-back.ts';
import { secondSteps } from '../two-person/second-steps.ts';
import { addPolicyVersion, holdPolicy, policyHistory, policyVersion } from './policy-versions.ts';
import { previewPeople } from './preview.ts';

const MOST_REASON = 2_000;

type Fault = PolicyFailed<PolicyCode>;
const moved = (currentVersion: number): PolicyFailed<'POLICY_MOVED'> => ({
  ok: false,
  code: 'POLICY_MOVED',
  message: `The policy is at version ${currentVersion} by now; look at what has changed and say it again.`,
  currentVersion,
});

const toJson = (changes: readonly PolicyChange[]): Json =>
  changes.map(({ path, before, after, loosens: looser }) => ({ path, before, after, loosens: looser }));

/** The policy as data, for one actor: who may read it, and who may change it how. A change is in force at once, for everybody. */
export function policyCommands(deps: CommandDeps, actor: Actor): PolicyCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  const steps = secondSteps(deps);

  /** What is wanted, held against the policy in force; the policy stays as it is until the transaction ends. */
  async function wanted(
    sql: Sql,
    { basedOn, policy: given, reason }: PolicyInput,
  ): Promise<{ ok: true; current: Policy; policy: Policy; reason: string; changes: readonly PolicyChange[] } | Fault> {
    await holdPolicy(sql);
    const current = await currentPolicy(sql, clock.now());
    if (current.version !== basedOn) return moved(current.version);
    const read = readNewPolicy(given);
    if (!read.ok) {
      const message = read.problems.map(({ path, message: what }) => `${path || 'policy'}: ${what}`).join('; ');
      return { ok: false, code: 'POLICY_INVALID', message, problems: read.problems };
    }
    const changes = policyChanges(current, read.policy);
    if (changes.length === 0)
      return { ok: false, code: 'POLICY_UNCHANGED', message: `Version ${current.version} says the same.` };
    const why = seenText(reason, MOST_REASON);
    if (why === '') return { ok: false, code: 'REASON_MISSING', message: 'Say why, for whoever reads the history.' };
    return { ok: true, current, policy: read.policy, reason: why, changes };
  }

  const versionThatIs = async (sql: Sql, number: number) => {
    const version = await policyVersion(sql, number);
    if (version === null) throw new Error('a version of the policy that was just made is gone');
    return version;
  };

  return {
    async current() {
      const allowed = await permit('VIEW_POLICY', { query: 'policy' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const version = await versionThatIs(database, (await currentPolicy(database, now)).version);
      const facts = await deps.loadFacts(database, allowed.actor.accountId, now, null);
      const whole = decide(allowed.actor, 'VIEW_POLICY_HISTORY', { kind: 'none' }, facts, now).allow;
      // By whom and why it was changed is part of its history.
      return {
        ok: true,
        value: whole ? version : { ...version, reason: '', madeBy: null, askedBy: null, changes: [] },
      };
    },

    async history(asked) {
      const allowed = await permit('VIEW_POLICY_HISTORY', { query: 'policyVersions' });
      return allowed.ok ? { ok: true, value: await policyHistory(database, asked) } : allowed;
    },

    async preview(given, asked) {
      const allowed = await permit('TIGHTEN_POLICY', { query: 'previewPolicy' });
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const current = await currentPolicy(database, now);
      const read = readNewPolicy(given);
      const basedOn = current.version;
      const nobody = { people: [], lookedAt: 0, endCursor: null, hasNextPage: false };
      if (!read.ok)
        return { ok: true, value: { basedOn, changes: [], loosens: false, problems: read.problems, ...nobody } };
      const changes = policyChanges(current, read.policy);
      const people = await previewPeople(database, { current, next: read.policy, now, asked });
      return { ok: true, value: { basedOn, changes, loosens: loosens(changes), problems: [], ...people } };
    },

    async tighten(input) {
      const allowed = await permit('TIGHTEN_POLICY', { command: 'tightenPolicy', basedOn: input.basedOn });
      if (!allowed.ok) return allowed;
      return database.transaction(async (sql) => {
        const found = await wanted(sql, input);
        if (!found.ok) return found;
        const { changes, policy, reason } = found;
        const looser = changes.filter((change) => change.loosens);
        if (looser.length > 0) {
          const message = `This loosens ${looser.map(({ path }) => path).join(', ')}, which takes two administrators: ask for it with askToLoosenPolicy.`;
          return { ok: false, code: 'POLICY_LOOSENS', message, changes } as const;
        }
        const number = found.current.version + 1;
        const { accountId: madeBy } = allowed.actor;
        await addPolicyVersion(sql, { policy, number, now: clock.now(), madeBy, askedBy: null, reason });
        await logCommand(audit, sql, madeBy, 'tightenPolicy', { version: number, reason, changes: toJson(changes) });
        return { ok: true, version: await versionThatIs(sql, number) } as const;
      });
    },

    async askToLoosen(input) {
      const allowed = await permit('TIGHTEN_POLICY', { command: 'askToLoosenPolicy', basedOn: input.basedOn });
      if (!allowed.ok) return allowed;
      return database.transaction(async (sql) => {
        const found = await wanted(sql, input);
        if (!found.ok) return found;
        const { changes, policy, reason } = found;
        const payload = { basedOn: input.basedOn, changes: toJson(changes), policy: policy as Json };
        const step = await steps.ask(sql, { action: 'LOOSEN_POLICY', payload, reason, by: allowed.actor });
        const detail = { step: step.stepId, basedOn: input.basedOn, reason, changes: toJson(changes) };
        await logCommand(audit, sql, allowed.actor.accountId, 'askToLoosenPolicy', detail);
        return { ok: true, ...step } as const;
      });
    },

    async confirmLoosen(stepId, seen) {
      // Whether somebody else asked is the step's own question; the role is asked here, before anything is looked up.
      const allowed = await permit('TIGHTEN_POLICY', { command: 'confirmLoosenPolicy', step: stepId });
      if (!allowed.ok) return allowed;
      return rollBackWith(() =>
        database.transaction(async (sql) => {
          await holdPolicy(sql);
          const confirmed = await steps.confirm(sql, { id: stepId, action: 'LOOSEN_POLICY', by: allowed.actor, seen });
          if (!confirmed.ok) return confirmed;
          const current = await currentPolicy(sql, clock.now());
          const { basedOn, policy } = confirmed.payload;
          // What was asked for waits on: it is taken back or asked for anew by who still wants it.
          if (current.version !== basedOn) throw new RolledBack(moved(current.version));
          const number = current.version + 1;
          const next = parsePolicy(policy);
          const { accountId: madeBy } = allowed.actor;
          const { askedBy, reason } = confirmed;
          await addPolicyVersion(sql, { policy: next, number, now: clock.now(), madeBy, askedBy, reason });
          const changes = toJson(policyChanges(current, next));
          const detail = { version: number, step: stepId, askedBy, reason, changes };
          await logCommand(audit, sql, madeBy, 'confirmLoosenPolicy', detail);
          return { ok: true, version: await versionThatIs(sql, number) } as const;
        }),
      );
    },
  };
}
