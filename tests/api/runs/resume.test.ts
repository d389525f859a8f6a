import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { checkpointFolder, trainingFolder } from '../../../api/services/runs/run-place.ts';
import { secondsLeft } from '../../../api/services/runs/time-left.ts';
import type { RunProgress } from '../../../pipeline/baselines/experiment.ts';
import { metadataOf, readSafetensors } from '../../../pipeline/baselines/network/safetensors.ts';
import { memoryIn, NETWORK, RUN_ID, train } from './training-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iss-training-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Trains in a process of its own, which is killed when it says this line. */
async function killedAt(line: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'training-run.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const said of createInterface({ input: child.stdout })) if (said === line) child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
}

const keysIn = async (prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of fileStore(folder).list(prefix)) keys.push(key);
  return keys;
};

describe('a training whose process is killed', () => {
  it('in the fifth epoch of its second fold goes on from there, and ends as one that was left alone', async () => {
    const whole = await train(undefined);
    await killedAt('fold 2 epoch 5');
    const epochs: string[] = [];
    const memory = memoryIn(folder);
    const told: RunProgress[] = [];
    const resumed = await train(
      memory,
      ({ fold, epoch }) => epochs.push(`${fold}.${epoch}`),
      (progress) => told.push(progress),
    );
    expect(resumed).toEqual(whole);
    // Time left goes by the pace of this attempt: the first fold and what was made of the second came in no time.
    expect(told[0]!.before).toBe(told[0]!.done);
    const [{ done, total, before = 0 }, estimate] = [told.at(-20)!, secondsLeft()];
    expect(before).toBeGreaterThan(total / 3);
    expect(estimate(told[0]!, 30_000)).toBeNull();
    expect(estimate({ done, total, before, fold: 3 }, 40_000)).toBeCloseTo((10 * (total - done)) / (done - before));
    // What it is killed with is the end of an epoch; whether that one was kept yet is chance.
    expect(['2.5', '2.6']).toContain(epochs[0]);
    expect(epochs.slice(-10)).toEqual(Array.from({ length: 10 }, (_, i) => `3.${i + 1}`));
    expect((await memory.checkpoints()).map(({ fold, epoch }) => [fold, epoch])).toEqual([
      [1, 10],
      [2, 10],
      [3, 10],
    ]);
    // States go when their fold is done.
    expect((await keysIn(trainingFolder(RUN_ID))).every((key) => key.endsWith('.outcome'))).toBe(true);
  }, 120_000);

  it('keeps of each fold the tenth checkpoint, a file that torch can read', async () => {
    const memory = memoryIn(folder);
    await train(memory);
    const [first] = await memory.checkpoints();
    const file = await readWhole(fileStore(folder), first!.objectKey);
    expect([first!.bytes, first!.objectKey]).toEqual([
      file.byteLength,
      `${checkpointFolder(RUN_ID)}fold-1.safetensors`,
    ]);
    expect(metadataOf(file)).toEqual({ format: 'pt', fold: '1', epoch: '10' });
    expect([...readSafetensors(file).keys()].sort()).toEqual(
      [...NETWORK.parameters.keys(), ...NETWORK.statistics.keys()].sort(),
    );
    // Asked for again, nothing is trained, and the same is there.
    const again = memoryIn(folder);
    expect(await train(again, () => expect.unreachable('an epoch was trained twice'))).toEqual(await train(undefined));
    expect(await again.checkpoints()).toEqual(await memory.checkpoints());
  }, 60_000);

  it('takes up nothing of a training of something else, and nothing that is damaged', async () => {
    const stop = new Error('stop');
    const until = (fold: number, epoch: number) => (at: { fold: number; epoch: number }) => {
      if (at.fold === fold && at.epoch === epoch) throw stop;
    };
    await expect(train(memoryIn(folder), until(1, 4))).rejects.toBe(stop);
    const begun: number[] = [];
    const first = ({ epoch }: { epoch: number }) => {
      begun.push(epoch);
      throw stop;
    };
    await expect(train(memoryIn(folder), first)).rejects.toBe(stop);
    await expect(train(memoryIn(folder, 'another'), first)).rejects.toBe(stop);
    const [state] = await keysIn(trainingFolder(RUN_ID));
    await truncate(join(folder, 'objects', state!), 1000);
    await expect(train(memoryIn(folder), first)).rejects.toBe(stop);
    expect(begun).toEqual([4, 1, 1]);
  }, 60_000);
});
