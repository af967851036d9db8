import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type SecureContext, TLSSocket } from 'node:tls';
import type { Cleanup } from '../support/temporary-folder.ts';

/** What a mail server says until TLS begins: the answer to each command. */
interface Protocol {
  readonly tlsPort: number;
  readonly port: number;
  readonly greeting: string;
  /** Answer to the question for what it can; `tag` is IMAP's. */
  readonly answer: (tag: string, hasStartTls: boolean) => string;
  readonly asks: RegExp;
  readonly starts: RegExp;
  readonly go: (tag: string) => string;
  readonly refuse: (tag: string) => string;
}

const PROTOCOLS: readonly Protocol[] = [
  {
    tlsPort: 993,
    port: 143,
    greeting: '* OK ready',
    asks: /^(\S+) CAPABILITY$/i,
    answer: (tag, has) => `* CAPABILITY IMAP4rev1${has ? ' STARTTLS' : ''}\r\n${tag} OK done`,
    starts: /^(\S+) STARTTLS$/i,
    go: (tag) => `${tag} OK begin`,
    refuse: (tag) => `${tag} BAD unknown`,
  },
  {
    tlsPort: 995,
    port: 110,
    greeting: '+OK ready',
    asks: /^()CAPA$/i,
    answer: (_, has) => `+OK\r\n${has ? 'STLS\r\n' : ''}.`,
    starts: /^()STLS$/i,
    go: () => '+OK begin',
    refuse: () => '-ERR unknown',
  },
  {
    tlsPort: 465,
    port: 587,
    greeting: '220 mail.test ESMTP',
    asks: /^()EHLO /i,
    answer: (_, has) => `250${has ? '-' : ' '}mail.test${has ? '\r\n250 STARTTLS' : ''}`,
    starts: /^()STARTTLS$/i,
    go: () => '220 begin',
    refuse: () => '502 unknown',
  },
];

export interface MailServers {
  readonly address: string;
  /** By the name that a client means. */
  readonly context: (servername: string) => SecureContext;
  readonly hasStartTls: boolean;
}

/** Speaks a protocol in clear text up to the command that begins TLS. */
function speak(socket: Socket, protocol: Protocol, { context, hasStartTls }: MailServers): void {
  socket.on('error', () => socket.destroy());
  socket.write(`${protocol.greeting}\r\n`);
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      const [, asked] = protocol.asks.exec(line) ?? [];
      const [, started] = protocol.starts.exec(line) ?? [];
      if (asked !== undefined) socket.write(`${protocol.answer(asked, hasStartTls)}\r\n`);
      else if (started === undefined || !hasStartTls) socket.write(`${protocol.refuse(started ?? '*')}\r\n`);
      else {
        socket.off('data', onData);
        socket.write(`${protocol.go(started)}\r\n`);
        const secure = new TLSSocket(socket, {
          isServer: true,
          secureContext: context(''),
          SNICallback: (name, done) => done(null, context(name)),
        });
        secure.on('error', () => socket.destroy());
      }
    }
  };
  socket.on('data', onData);
}

async function listen(t: Cleanup, server: Server, port: number, address: string): Promise<void> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(port, address);
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
}

/** IMAP, POP and SMTP on their ports, with TLS from the start and with STARTTLS. */
export async function startMailServers(t: Cleanup, servers: MailServers): Promise<void> {
  const { address, context } = servers;
  for (const protocol of PROTOCOLS) {
    const secure = createTlsServer({ SNICallback: (name, done) => done(null, context(name)) }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(`${protocol.greeting}\r\n`);
    });
    secure.on('tlsClientError', (_, socket) => socket.destroy());
    await listen(t, secure, protocol.tlsPort, address);
    await listen(
      t,
      createServer((socket) => speak(socket, protocol, servers)),
      protocol.port,
      address,
    );
  }
}

/** Takes connections on the web's ports and never says a word. */
export async function startHung(t: Cleanup, address: string): Promise<void> {
  for (const port of [80, 443]) {
    const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
    await listen(t, server, port, address);
  }
}

export const contextOf = ({
  certificate,
  key,
}: {
  readonly certificate: string;
  readonly key: string;
}): SecureContext => createSecureContext({ cert: certificate, key });
