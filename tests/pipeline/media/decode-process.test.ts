import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeRecording } from '../../../pipeline/media/decode.ts';
import { encodeVideo } from '../../../pipeline/media/encode.ts';
import { decoded, drawn, scratch, tone } from './recordings.ts';

const at = (name: string) => join(scratch, name);
const plain = at('plain.mp4');

beforeAll(async () => {
  await encodeVideo({ width: 64, height: 48, framesPerSecond: 15 }, drawn(64, 48, 30), tone(2), plain);
});

describe('whatever bytes are given, there is one outcome, and the next file is decoded', () => {
  test('cut off anywhere', async () => {
    const bytes = readFileSync(plain);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        writeFileSync(at('cut.mp4'), bytes.subarray(0, length));
        const { failure } = await decoded(at('cut.mp4'));
        if (length < bytes.length * 0.7) expect(failure?.code).toMatch(/^(EMPTY_FILE|NOT_MEDIA|TRUNCATED|DAMAGED)$/);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('changed anywhere', async () => {
    const bytes = readFileSync(plain);
    const change = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const [index, value] of changes) changed[index] = value;
        writeFileSync(at('changed.mp4'), changed);
        const { end, failure } = await decoded(at('changed.mp4'));
        expect([end, failure].filter((one) => one !== null)).toHaveLength(1);
      }),
      { numRuns: 25, seed: 2 },
    );
    expect((await decoded(plain)).end?.videoFrames).toBe(30);
  });
});

function startedProcess() {
  const pids: number[] = [];
  return { options: { onStart: (pid: number) => void pids.push(pid) }, pid: () => pids[0]! };
}

describe('a decode process', () => {
  const long = at('long.mp4');
  beforeAll(async () => {
    await encodeVideo({ width: 320, height: 240, framesPerSecond: 30 }, drawn(320, 240, 600), null, long);
  });

  test('that is killed costs its own file only', async () => {
    const started = startedProcess();
    const kinds: string[] = [];
    for await (const event of decodeRecording(long, { process: started.options })) {
      if (event.kind === 'frame' && event.number === 1) process.kill(started.pid(), 'SIGKILL');
      kinds.push(event.kind === 'failure' ? `${event.code}: ${event.reason}` : event.kind);
    }
    expect(kinds.at(-1)).toBe('DECODER_CRASHED: The decoder ended without a result (SIGKILL).');
    expect(kinds).not.toContain('end');
    expect((await decoded(plain)).end?.videoFrames).toBe(30);
  });

  test('that hangs is ended when the clock says so', async () => {
    const { failure } = await decoded(plain, {
      process: {
        stallMilliseconds: 20_000,
        onStart: (pid) => process.kill(pid, 'SIGSTOP'),
        startTimer: (milliseconds, run) => {
          expect(milliseconds).toBe(20_000);
          setImmediate(run);
          return () => {};
        },
      },
    });
    expect(failure).toMatchObject({ code: 'DECODER_STALLED' });
    expect(failure?.reason).toContain('no progress for 20 s');
  });

  test('is not timed while the reader takes its time', async () => {
    let running = 0;
    let seen = 0;
    const startTimer = () => {
      running += 1;
      return () => {
        running -= 1;
      };
    };
    for await (const _ of decodeRecording(plain, { process: { startTimer } })) {
      seen += 1;
      expect(running).toBe(0);
    }
    expect(seen).toBeGreaterThan(20);
  });

  test.skipIf(process.platform !== 'linux')(
    'has an empty environment, one open file, and limits on memory and files',
    async () => {
      const started = startedProcess();
      for await (const event of decodeRecording(long, { process: started.options })) {
        if (event.kind !== 'frame') continue;
        const pid = started.pid();
        expect(readFileSync(`/proc/${pid}/environ`, 'latin1').replace(/PWD=[^\0]*\0/, '')).toBe('');
        const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
        expect(limits).toMatch(/Max core file size\s+0\s+0/);
        expect(limits).toMatch(/Max file size\s+0\s+0/);
        expect(limits).toMatch(/Max data size\s+1610612736\s+1610612736/);
        break;
      }
    },
  );

  test('that gets too little memory to start is a failure, not a fault', async () => {
    expect((await decoded(plain, { process: { memoryMegabytes: 80 } })).failure?.code).toBe('DECODER_CRASHED');
  });

  test('ends with the signal', async () => {
    const control = new AbortController();
    const taken = (async () => {
      for await (const event of decodeRecording(long, { signal: control.signal })) {
        if (event.kind === 'frame') control.abort(new Error('withdrawn'));
      }
    })();
    await expect(taken).rejects.toThrow('withdrawn');
  });
});
