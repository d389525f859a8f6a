import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, openClient } from '../../../api/cli/client.ts';
import { type DownloadOptions, downloadFile } from '../../../api/cli/download.ts';
import { CommandFailed } from '../../../api/cli/exit.ts';
import { readPage } from '../../../api/cli/export-listing.ts';
import { aFolder, anIo, type TestIo } from './an-io.ts';
import {
  aFile,
  cutAfter,
  type HostedFile,
  type Portal,
  plainly,
  problem,
  resetAfter,
  type Serve,
  sha256,
  startPortal,
} from './portal.ts';

let portal: Portal;
beforeAll(async () => {
  portal = await startPortal();
});
afterAll(() => portal.stop());

interface Pull {
  folder: string;
  io: TestIo;
  file: HostedFile;
  asked: Portal['asked'];
  go(options?: Partial<DownloadOptions>): Promise<'kept' | 'pulled'>;
  /** The names in the folder. */
  names(): Promise<string[]>;
  content(): Promise<Buffer>;
}

async function aPull(bytes: Buffer | string | number, ...serve: Serve[]): Promise<Pull> {
  const folder = await aFolder();
  const io = anIo({ ISS_URL: portal.url, ISS_TOKEN: 'a-token' });
  const client: Client = openClient(io);
  const file = aFile('data.bin', bytes, ...serve);
  portal.host('one', [file]);
  const from = portal.asked.length;
  return {
    folder,
    io,
    file,
    get asked() {
      return portal.asked.slice(from);
    },
    go: (options = {}) =>
      downloadFile(
        folder,
        { path: file.path, bytes: file.bytes.length, sha256: sha256(file.bytes) },
        {
          client,
          io,
          onBytes: () => {},
          ticket: async () => {
            const { files } = await readPage(client, 'one', null);
            const { url, expiresAt } = files.find(({ path }) => path === file.path)!.file!;
            return { url, expiresAt: new Date(expiresAt) };
          },
          ...options,
        },
      ),
    names: () => readdir(folder),
    content: () => readFile(join(folder, file.path)),
  };
}

const failure = async (work: Promise<unknown>): Promise<CommandFailed> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandFailed);
  return error as CommandFailed;
};

describe('a file that is pulled', () => {
  test('arrives whole under its name, and nothing else stays', async () => {
    const pull = await aPull(100_000);
    expect(await pull.go()).toBe('pulled');
    expect(await pull.content()).toEqual(pull.file.bytes);
    expect(await pull.names()).toEqual(['data.bin']);
  });

  test('is not asked for when it is there already', async () => {
    const pull = await aPull(5_000);
    await writeFile(join(pull.folder, 'data.bin'), pull.file.bytes);
    expect(await pull.go()).toBe('kept');
    expect(pull.asked).toEqual([]);
  });

  test('may be empty', async () => {
    const pull = await aPull('');
    expect(await pull.go()).toBe('pulled');
    expect(await pull.content()).toHaveLength(0);
  });

  test('goes on where a cut connection left it, ten times over', async () => {
    const pull = await aPull(200_000, ...Array.from({ length: 10 }, () => cutAfter(17_000)));
    expect(await pull.go()).toBe('pulled');
    expect(await pull.content()).toEqual(pull.file.bytes);
    const starts = pull.asked.map(({ range }) => Number(/\d+/.exec(range ?? 'bytes=0-')![0]));
    expect(starts).toHaveLength(11);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts[10]).toBeGreaterThan(100_000);
  });

  test('goes on where a connection was reset', async () => {
    const pull = await aPull(200_000, resetAfter(17_000));
    expect(await pull.go()).toBe('pulled');
    expect(await pull.content()).toEqual(pull.file.bytes);
    expect(pull.asked).toHaveLength(2);
  });

  test('goes on with what an earlier run left', async () => {
    const pull = await aPull(50_000);
    await writeFile(join(pull.folder, 'data.bin.part'), pull.file.bytes.subarray(0, 30_000));
    await pull.go();
    expect(pull.asked.map(({ range }) => range)).toEqual(['bytes=30000-']);
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('needs no request when only its name was missing', async () => {
    const pull = await aPull(4_000);
    await writeFile(join(pull.folder, 'data.bin.part'), pull.file.bytes);
    await pull.go();
    expect(pull.asked).toEqual([]);
    expect(await pull.names()).toEqual(['data.bin']);
  });

  test('begins anew where what was left is not its beginning', async () => {
    const pull = await aPull(50_000);
    await writeFile(join(pull.folder, 'data.bin.part'), Buffer.alloc(30_000, 7));
    await pull.go();
    expect(pull.asked.map(({ range }) => range)).toEqual(['bytes=30000-', undefined]);
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('begins anew where what was left is longer than the file', async () => {
    const pull = await aPull(1_000);
    await writeFile(join(pull.folder, 'data.bin.part'), Buffer.alloc(9_000));
    await pull.go();
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('begins anew where a server knows no ranges', async () => {
    const whole: Serve = (request, response, bytes) => {
      delete request.headers.range;
      return plainly(request, response, bytes);
    };
    const pull = await aPull(8_000, whole);
    await writeFile(join(pull.folder, 'data.bin.part'), Buffer.alloc(3_000));
    await pull.go();
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('is not put together from a part that was not asked for', async () => {
    const other: Serve = (_request, response, bytes) => {
      response.writeHead(206, {
        'Content-Range': `bytes 10-${bytes.length - 1}/${bytes.length}`,
        'Content-Length': bytes.length - 10,
      });
      response.end(bytes.subarray(10));
    };
    const pull = await aPull(8_000, other);
    await pull.go();
    expect(await pull.content()).toEqual(pull.file.bytes);
  });
});

describe('what is no data is never kept as data', () => {
  test('an error page with status 200', async () => {
    const page: Serve = (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sorry</h1>');
    const pull = await aPull(9_000, page);
    await pull.go();
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('an error page that stays', async () => {
    const page: Serve = (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sorry</h1>');
    const pull = await aPull(9_000, ...Array.from({ length: 50 }, () => page));
    const { code, message } = await failure(pull.go());
    expect(code).toBe('CONNECTION');
    expect(message).toContain('data.bin could not be pulled');
    expect(await pull.names()).toEqual(['data.bin.part']);
  });

  test('other bytes of the right length: once is tried again, twice is told', async () => {
    const wrong: Serve = (_request, response, bytes) => void response.writeHead(200).end(Buffer.alloc(bytes.length, 1));
    const once = await aPull(9_000, wrong);
    expect(await once.go()).toBe('pulled');
    expect(await once.content()).toEqual(once.file.bytes);
    const twice = await aPull(9_000, wrong, wrong);
    expect((await failure(twice.go())).code).toBe('CHECKSUM_DIFFERS');
    expect(await twice.names()).not.toContain('data.bin');
  });

  test('more bytes than are listed', async () => {
    const more: Serve = (_request, response, bytes) =>
      void response.writeHead(200).end(Buffer.concat([bytes, Buffer.from('more')]));
    const pull = await aPull(9_000, more);
    await pull.go();
    expect(await pull.content()).toEqual(pull.file.bytes);
  });
});

describe('what stands in the way', () => {
  test('an expired ticket is replaced by a fresh one, at once', async () => {
    const pull = await aPull(3_000);
    let handedOut = 0;
    const client = openClient(pull.io);
    const stale = (await readPage(client, 'one', null)).files.find(({ path }) => path === 'data.bin')!.file!;
    portal.expireTickets();
    await pull.go({
      ticket: async (fresh) => {
        handedOut += 1;
        const { url } = fresh
          ? (await readPage(client, 'one', null)).files.find(({ path }) => path === 'data.bin')!.file!
          : stale;
        return { url, expiresAt: new Date() };
      },
    });
    expect(handedOut).toBe(2);
    expect(pull.io.slept).toEqual([0]);
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('an end of access ends the pull with its reasons', async () => {
    const pull = await aPull(
      3_000,
      problem(403, {
        title: 'Access does not allow this any more.',
        reasons: ['GRANT_REVOKED', 'TRAINING_EXPIRED HUMAN_SUBJECTS'],
      }),
    );
    const { exitCode, reasons } = await failure(pull.go());
    expect(exitCode).toBe(3);
    expect(reasons).toEqual([
      {
        code: 'GRANT_REVOKED',
        subject: null,
        sentence: 'Your grant was revoked; the applicant attests that every copy is destroyed.',
        whoActsNext: 'APPLICANT',
      },
      {
        code: 'TRAINING_EXPIRED',
        subject: 'HUMAN_SUBJECTS',
        sentence: 'A training certificate has expired; renew the course and upload the new certificate.',
        whoActsNext: 'YOU',
      },
    ]);
    expect(await pull.names()).not.toContain('data.bin');
  });

  test('a server that has enough is asked again when it says', async () => {
    const pull = await aPull(3_000, problem(429, { title: 'Too many.' }, { 'Retry-After': '7' }));
    await pull.go();
    expect(pull.io.slept).toEqual([7000]);
  });

  test('a server that is ill is asked again, later each time, and then given up', async () => {
    const pull = await aPull(3_000, ...Array.from({ length: 20 }, () => problem(500, { title: 'Broken.' })));
    const { message } = await failure(pull.go({ tries: 5 }));
    expect(message).toBe('data.bin could not be pulled: Broken. Run it again to resume.');
    expect(pull.io.slept).toEqual([500, 1000, 2000, 4000]);
  });

  test('a connection that falls silent is given up and gone on with', async () => {
    const silent: Serve = (_request, response, bytes) => {
      response.writeHead(200, { 'Content-Length': bytes.length });
      response.write(bytes.subarray(0, 1_000));
    };
    const pull = await aPull(20_000, silent);
    await pull.go({ silentMs: 60 });
    expect(await pull.content()).toEqual(pull.file.bytes);
    expect(pull.asked.map(({ range }) => range)).toEqual([undefined, 'bytes=1000-']);
  });

  test('another file under the name is left alone', async () => {
    const pull = await aPull(3_000);
    await writeFile(join(pull.folder, 'data.bin'), 'mine');
    expect((await failure(pull.go())).code).toBe('FILE_DIFFERS');
    expect(await readFile(join(pull.folder, 'data.bin'), 'utf8')).toBe('mine');
  });

  test('a link under the name is not followed', async () => {
    const pull = await aPull('secret');
    const elsewhere = join(await aFolder(), 'elsewhere');
    await writeFile(elsewhere, pull.file.bytes);
    await symlink(elsewhere, join(pull.folder, 'data.bin'));
    expect((await failure(pull.go())).code).toBe('FILE_DIFFERS');
  });

  test('a link in place of the unfinished file is replaced, not written through', async () => {
    const pull = await aPull(3_000);
    const elsewhere = join(await aFolder(), 'elsewhere');
    await writeFile(elsewhere, 'mine');
    await symlink(elsewhere, join(pull.folder, 'data.bin.part'));
    await pull.go();
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
    expect(await pull.content()).toEqual(pull.file.bytes);
  });

  test('a folder in place of the unfinished file is left alone and named', async () => {
    const pull = await aPull(3_000);
    await mkdir(join(pull.folder, 'data.bin.part', 'deep'), { recursive: true });
    expect((await failure(pull.go())).message).toContain('data.bin');
    expect(await readdir(join(pull.folder, 'data.bin.part'))).toEqual(['deep']);
  });
});
