import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { MailInDoubt, MailRefused } from '../../api/adapters/mail/mail.ts';
import { smtpMail } from '../../api/adapters/mail/smtp-mail.ts';
import { mail, mailContract } from '../contracts/mail-contract.ts';

const FROM = 'portal@example.org';

async function startSmtp(options: SMTPServerOptions = {}) {
  const delivered: Buffer[] = [];
  const envelopes: { from: string; to: string[] }[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, disableReverseLookup: true },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        delivered.push(Buffer.concat(parts));
        const { mailFrom, rcptTo } = session.envelope;
        envelopes.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map((one) => one.address) });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const { port } = server.server.address() as AddressInfo;
  return { port, delivered, envelopes, stop: () => new Promise<void>((done) => server.close(() => done())) };
}

mailContract('SMTP', async () => {
  const server = await startSmtp();
  return {
    sender: smtpMail(`smtp://127.0.0.1:${server.port}?tls=none`, FROM),
    delivered: async () => server.delivered,
    stop: server.stop,
  };
});

describe('SMTP', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  const start = async (options: SMTPServerOptions, auth = '', query = '?tls=none') => {
    const server = await startSmtp(options);
    ends.push(server.stop);
    return { ...server, sender: smtpMail(`smtp://${auth}127.0.0.1:${server.port}${query}`, FROM, { silentMs: 500 }) };
  };
  /** A server of few words, of the tester's own. */
  const startRaw = async (converse: (socket: Socket, line: string) => void) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.write('220 here\r\n');
      let rest = '';
      socket.on('data', (data) => {
        const lines = (rest + data.toString()).split('\r\n');
        rest = lines.pop() ?? '';
        for (const line of lines) converse(socket, line);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    });
    const { port } = server.address() as AddressInfo;
    return smtpMail(`smtp://127.0.0.1:${port}?tls=none`, FROM, { silentMs: 300, connectMs: 1000 });
  };
  const answerTo = (line: string): string =>
    /^EHLO/.test(line) ? '250 here' : line === 'DATA' ? '354 go on' : /^(MAIL|RCPT)/.test(line) ? '250 ok' : '';

  it('says to the server who sends and who receives, once each', async () => {
    const { sender, envelopes } = await start({});
    await sender.send(mail());
    expect(envelopes).toEqual([{ from: FROM, to: ['ada@example.org'] }]);
    await sender.check();
  });

  it('signs in; and one that may not is to be tried again, when the operator has mended it', async () => {
    const options: SMTPServerOptions = {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'portal' && password === 's:crét' ? done(null, { user: 'portal' }) : done(new Error('no')),
    };
    const good = await start(options, `portal:${encodeURIComponent('s:crét')}@`);
    await good.sender.send(mail());
    expect(good.delivered).toHaveLength(1);
    const bad = await start(options, 'portal:wrong@');
    await expect(bad.sender.send(mail())).rejects.not.toBeInstanceOf(MailRefused);
    await expect(bad.sender.send(mail())).rejects.not.toBeInstanceOf(MailInDoubt);
    await expect(bad.sender.check()).rejects.toThrow(/^ISS_SMTP_URL: the mail server 127\.0\.0\.1 cannot be used/);
    expect(bad.delivered).toEqual([]);
  });

  it('sends nothing to a server without TLS, unless it was told to', async () => {
    const { sender, delivered } = await start({}, '', '');
    await expect(sender.send(mail())).rejects.toThrow('the mail server did not take the message');
    expect(delivered).toEqual([]);
  });

  it.each([
    ['for now', 451, Error],
    ['for good', 550, MailRefused],
  ] as const)('tells a receiver, or a message, that is refused %s', async (_, code, kind) => {
    const error = Object.assign(new Error('no'), { responseCode: code });
    const receiver = await start({ onRcptTo: (_address, _session, done) => done(error) });
    await expect(receiver.sender.send(mail())).rejects.toBeInstanceOf(kind);
    const message = await start({
      onData: (stream, _session, done) => {
        stream.resume();
        stream.on('end', () => done(error));
      },
    });
    const refused = await message.sender.send(mail()).catch((reason: unknown) => reason);
    expect(refused).toBeInstanceOf(kind);
    expect(refused).not.toBeInstanceOf(MailInDoubt);
  });

  it('is in doubt when the server goes, or falls silent, after the last line; and only then', async () => {
    const goes = await startRaw((socket, line) => {
      if (line === '.') return void socket.destroy();
      const answer = answerTo(line);
      if (answer) socket.write(`${answer}\r\n`);
    });
    await expect(goes.send(mail())).rejects.toBeInstanceOf(MailInDoubt);
    const silent = await startRaw((socket, line) => {
      const answer = answerTo(line);
      if (answer) socket.write(`${answer}\r\n`);
    });
    await expect(silent.send(mail())).rejects.toBeInstanceOf(MailInDoubt);
    const early = await startRaw((socket, line) => {
      if (line === 'DATA') return void socket.destroy();
      const answer = answerTo(line);
      if (answer) socket.write(`${answer}\r\n`);
    });
    const before = await early.send(mail()).catch((reason: unknown) => reason);
    expect(before).toBeInstanceOf(Error);
    expect(before).not.toBeInstanceOf(MailInDoubt);
    const mute = await startRaw(() => {});
    const never = await mute.send(mail()).catch((reason: unknown) => reason);
    expect(never).toBeInstanceOf(Error);
    expect(never).not.toBeInstanceOf(MailInDoubt);
  });

  it('says that nobody is there', async () => {
    const sender = smtpMail('smtp://127.0.0.1:9', FROM, { connectMs: 1000 });
    await expect(sender.send(mail())).rejects.toThrow('the mail server did not take the message');
    await expect(sender.check()).rejects.toThrow('ISS_SMTP_URL');
  });
});
