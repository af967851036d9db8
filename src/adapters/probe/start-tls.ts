import { isIPv6, type Socket } from 'node:net';
import type { StartTlsProtocol } from '../../ports/prober.ts';
import { type Attempt, coded } from './attempt.ts';

/** Octets that a server may send before TLS: greeting and capabilities need few hundred. */
const MAX_OCTETS = 16_384;

/** What a server says in clear text, line by line. */
class Conversation {
  readonly #attempt: Attempt;
  readonly #socket: Socket;
  #octets = 0;
  #rest = '';
  #arrived = Promise.withResolvers<void>();
  readonly #take = (chunk: Buffer): void => {
    this.#octets += chunk.length;
    if (this.#octets > MAX_OCTETS) this.#attempt.fail(coded('EPROTO'));
    else this.#rest += chunk.toString('latin1');
    this.#arrived.resolve();
  };
  readonly #end = (): void => this.#attempt.fail(coded('ECONNRESET'));

  constructor(attempt: Attempt, socket: Socket) {
    this.#attempt = attempt;
    this.#socket = socket.on('data', this.#take).once('end', this.#end);
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      this.#arrived = Promise.withResolvers();
      await this.#attempt.step(this.#arrived.promise);
    }
  }

  /** The first line that matches; those before it do not matter. */
  async lineLike(form: RegExp): Promise<string> {
    for (;;) {
      const line = await this.line();
      if (form.test(line)) return line;
    }
  }

  /** Hands the socket over. What came in clear text must not be taken for what comes over TLS. */
  close(): void {
    if (this.#rest !== '') throw coded('EPROTO');
    this.#socket.off('data', this.#take).off('end', this.#end).pause();
  }
}

/** `code` unless the line has this form. */
function demand(line: string, form: RegExp, code: string): void {
  if (!form.test(line)) throw coded(code);
}

/** It does not greet as a server of this protocol that has time for us does. */
const NO_GREETING = 'ENOGREETING';
/** It refuses STARTTLS, or the command that has to come before. */
const NO_STARTTLS = 'ENOSTARTTLS';

/** The last line of a reply (RFC 5321 section 4.2.1). */
const SMTP_END = /^\d{3}(?!-)/;

/** What follows the capabilities of ManageSieve, each of which begins with its name in quotes. */
const SIEVE_END = /^(?!")/;

const PROTOCOLS: Readonly<Record<StartTlsProtocol, (conversation: Conversation, ownAddress: string) => Promise<void>>> =
  {
    // RFC 9051 section 6.2.1
    async imap(conversation) {
      demand(await conversation.line(), /^\* (?:OK|PREAUTH)\b/i, NO_GREETING);
      conversation.send('a STARTTLS');
      demand(await conversation.lineLike(/^(?!\*)/), /^a OK\b/i, NO_STARTTLS);
    },
    // RFC 2595 section 4
    async pop(conversation) {
      demand(await conversation.line(), /^\+OK\b/i, NO_GREETING);
      conversation.send('STLS');
      demand(await conversation.line(), /^\+OK\b/i, NO_STARTTLS);
    },
    // RFC 3207 section 4
    async smtp(conversation, ownAddress) {
      demand(await conversation.lineLike(SMTP_END), /^220/, NO_GREETING);
      // RFC 5321 section 4.1.4: who has no name of its own says its address.
      conversation.send(`EHLO ${isIPv6(ownAddress) ? `[IPv6:${ownAddress}]` : `[${ownAddress}]`}`);
      demand(await conversation.lineLike(SMTP_END), /^250/, NO_STARTTLS);
      conversation.send('STARTTLS');
      demand(await conversation.lineLike(SMTP_END), /^220/, NO_STARTTLS);
    },
    // RFC 5804 sections 1.7 and 2.2
    async sieve(conversation) {
      demand(await conversation.lineLike(SIEVE_END), /^OK\b/i, NO_GREETING);
      conversation.send('STARTTLS');
      demand(await conversation.line(), /^OK\b/i, NO_STARTTLS);
    },
  };

/** Brings the conversation to where TLS begins. */
export async function askForTls(attempt: Attempt, socket: Socket, protocol: StartTlsProtocol): Promise<void> {
  const conversation = new Conversation(attempt, socket);
  await PROTOCOLS[protocol](conversation, socket.localAddress ?? '');
  conversation.close();
}
