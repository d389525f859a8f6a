import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCopy } from './drop.ts';
import { Passing, patiently } from './patience.ts';
import { Refused } from './people.ts';
import { type Ledger, obtain, type People, publish } from './setting.ts';

/** What goes on while something is killed. */
export interface Drive {
  people: People;
  ledger: Ledger;
  template: string;
  /** Of this round. */
  folder: string;
  round: number;
}

async function ingest({ people, ledger, template, folder, round }: Drive): Promise<void> {
  const patient = `P${String(round).padStart(3, '0')}`;
  const drop = join(folder, 'drop');
  await writeCopy(template, drop, [patient]);
  await people.curator.iss('ingest', drop);
  ledger.patients.push(patient);
}

const HEAD = 'query ($id: ID!) { export(id: $id) { state error { code } manifestSha256 } }';
interface Head {
  state: string;
  error: { code: string } | null;
  manifestSha256: string | null;
}

/** An export, pulled and verified. A withdrawal ends it, by design: then it is asked for anew. */
async function takeExport({ people, ledger, folder }: Drive): Promise<void> {
  const { researcher } = people;
  for (let attempt = 1; ; attempt++) {
    const input = { part: 'ALL', modalities: ['LABELS', 'PAIN_SCORES', 'AUDIO_FEATURES', 'LANDMARKS'] };
    const { export: made } = await researcher.give('requestExport', input, 'export { id }');
    const { id } = made as { id: string };
    const head = await patiently('the export is made', async () => {
      const { export: now } = await researcher.ask<{ export: Head }>(HEAD, { id });
      if (now.state === 'QUEUED' || now.state === 'RUNNING') throw new Passing(`it is ${now.state}`);
      return now;
    });
    const pulled = join(folder, `pulled-${attempt}`);
    const error =
      head.state !== 'SUCCEEDED'
        ? new Error(`the export ended as ${head.state}: ${head.error?.code}`)
        : await researcher.iss('pull', id, '-o', pulled).then(
            () => null,
            (failed: Error) => failed,
          );
    if (error === null) {
      await researcher.iss('verify', pulled);
      const manifest = await readFile(join(pulled, 'manifest.json'));
      ledger.exports.set(id, createHash('sha256').update(manifest).digest('hex'));
      return;
    }
    if (attempt === 4 || !/SELECTION_CHANGED|PATIENT_WITHDRAWN|WITHDR|REFUSED|FORBIDDEN|changed/i.test(error.message))
      throw error;
  }
}

/** A request from its form to its grant, and its end. */
async function decision({ people, ledger }: Drive): Promise<void> {
  const { id } = await obtain(people, 'researcher-2', [{ modality: 'LABELS', uses: ['READ'] }]);
  ledger.granted.push(id);
  await people.steward.give('revokeGrant', { requestId: id, reason: 'The round is over.' });
  ledger.revoked.push(id);
}

/** Somebody who was taken in two rounds ago or before withdraws; nobody where there is none. */
async function withdrawal({ people, ledger, round }: Drive): Promise<void> {
  const patient = ledger.patients.filter((code) => code.startsWith('P') && !ledger.withdrawn.includes(code))[0];
  if (patient === undefined || Number(patient.slice(1)) > round - 2) return;
  const input = { patient, kind: 'STOP_SHARING', reason: 'PATIENT' };
  await people['steward-2'].give('recordWithdrawal', input).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.code !== 'ALREADY_WITHDRAWN') throw error;
    throw new Error('a withdrawal that was given under one id was carried out twice');
  });
  ledger.withdrawn.push(patient);
}

export const ACTIONS = {
  ingest,
  export: takeExport,
  decision,
  publish: ({ people, ledger }: Drive) => publish(people, ledger),
  withdrawal,
} as const satisfies Record<string, (drive: Drive) => Promise<void>>;
