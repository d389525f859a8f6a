import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore } from '../../api/adapters/objects/object-store.ts';
import { sealedObjects } from '../support/sealed-objects.ts';

const MIB = 1 << 20;
const SIZE = 256 * MIB;
const RANGES = 3000;
const RANGE = 16 * 1024;

/** What sealing costs: storing, reading whole and by 1 MiB and 16 KiB ranges, in clear and sealed, on the same folder. */
export async function benchSealed(): Promise<{ what: string; unit: string; value: number }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'iss-bench-sealed-'));
  const { objects, files } = sealedObjects(folder);
  const part = randomBytes(MIB);
  async function* body() {
    for (let i = 0; i < SIZE / MIB; i++) yield part;
  }
  const read = async (store: ObjectStore, key: string, range?: { first: number; last: number }): Promise<void> => {
    for await (const _ of store.read(key, range));
  };
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  const figures: { what: string; unit: string; value: number }[] = [];
  try {
    for (const [name, store, key] of [
      ['in clear', files, 'clear/iss/P001/video'],
      ['sealed', objects, 'sealed/iss/P001/video'],
    ] as const) {
      const mib = SIZE / MIB;
      figures.push({
        what: `stored ${name}`,
        unit: 'MiB/s',
        value: mib / (await seconds(() => store.put(key, body()))),
      });
      await read(store, key);
      const whole = await seconds(async () => {
        for (let i = 0; i < 3; i++) await read(store, key);
      });
      figures.push({ what: `read whole ${name}`, unit: 'MiB/s', value: (3 * mib) / whole });
      const byMib = await seconds(async () => {
        for (let i = 0; i < mib; i++) await read(store, key, { first: i * MIB + 5, last: i * MIB + MIB - 1 });
      });
      figures.push({ what: `read by 1 MiB ranges ${name}`, unit: 'MiB/s', value: mib / byMib });
      const small = await seconds(async () => {
        for (let i = 0; i < RANGES; i++) {
          const first = ((i * 7_919) % (SIZE / RANGE)) * RANGE;
          await read(store, key, { first, last: first + RANGE - 1 });
        }
      });
      figures.push({ what: `ranges of 16 KiB ${name}`, unit: '1/s', value: RANGES / small });
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
