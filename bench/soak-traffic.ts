import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Random, randomFrom } from '../test/fuzz/random.ts';
import { CASES } from './cases.ts';

/** Asked for again and again, so that the daemon has to know them by heart, also while its database is away. */
export const HOT_DOMAINS = 500;
/** More than the daemon keeps: some are forgotten for others all the time. */
export const DOMAINS = 8_000;

const CLIENTS = 6;

/** What went wrong is kept, but not all of it. */
const MAX_FAILURES = 20;

interface Question {
  readonly kind: string;
  readonly method?: 'GET' | 'POST' | 'HEAD';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isRight: (status: number, body: string) => boolean;
  /** Whether the daemon has to ask its database, and may answer 503 while that is away. */
  readonly needsDatabase: boolean;
}

/** Octets of those who mean no good, which have to get an error, if anything. */
const HOSTILE: readonly string[] = [
  'nonsense\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  'GET /__proto__ HTTP/1.1\r\nHost: __proto__\r\nConnection: close\r\n\r\n',
  'GET /mail/config-v1.1.xml?emailaddress=%00%ff@%2e HTTP/1.1\r\nHost: constructor\r\nConnection: close\r\n\r\n',
  'DELETE /mail/config-v1.1.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  `GET /${'a/'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
];

/** Those who say half of what they want and go. */
const CUT_SHORT: readonly string[] = [
  '',
  'GET /mail/config-v1.1.xml HTTP/1.1\r\nHo',
  'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n<Auto',
  `POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(40_000)}`,
];

const kindOf = (name: string) => CASES.find((each) => each.name === name);

/** Mixed traffic to one daemon, from clients that ask one thing after the other, and what came of it. */
export class Traffic {
  readonly #port: number;
  readonly #random: Random;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  readonly #etags = new Map<string, string>();
  #clients: readonly Promise<void>[] = [];
  #isOver = false;
  #isAway = false;
  /** Counts the times that the database went away or came back: a request that saw one has seen it away. */
  #changes = 0;

  requests = 0;
  failed = 0;
  /** Answers of 503 for want of the database, where that was right. */
  unavailable = 0;
  readonly failures: string[] = [];

  constructor(port: number, seed: number) {
    this.#port = port;
    this.#random = randomFrom(seed);
  }

  set isDatabaseAway(isAway: boolean) {
    this.#isAway = isAway;
    this.#changes += 1;
  }

  start(): void {
    this.#clients = Array.from({ length: CLIENTS }, async () => {
      while (!this.#isOver) await this.#next();
    });
  }

  /** Resolves when the last request is answered and every connection closed. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  /** Asks for each of the hot domains. */
  async warmUp(): Promise<void> {
    for (let number = 1; number <= HOT_DOMAINS; number++) await this.#ask(this.#autoconfig(number));
  }

  /** Asks until a domain that nobody can know by heart gets its answer. */
  async untilDatabaseAnswers(): Promise<void> {
    for (;;) {
      const { status } = await this.#exchange(this.#unknown());
      if (status === 404) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #next(): Promise<void> {
    const { below, pick } = this.#random;
    const number = below(100) < 80 ? below(HOT_DOMAINS) + 1 : below(DOMAINS) + 1;
    const share = below(100);
    if (share < 35) return this.#ask(this.#autoconfig(number));
    if (share < 50) return this.#ask(this.#conditional(number));
    if (share < 65) return this.#ask(this.#ofCase('autodiscover', number));
    if (share < 75) return this.#ask(this.#ofCase('mobileconfig', number));
    if (share < 80) return this.#ask(this.#json(number));
    if (share < 84) return this.#ask({ ...this.#autoconfig(number), kind: 'head', method: 'HEAD', isRight: is(200) });
    if (share < 88) return this.#ask(this.#unknown());
    if (share < 90) return this.#ask({ kind: 'page', path: '/', isRight: is(200), needsDatabase: true });
    if (share < 92) return this.#ask({ kind: 'health', path: '/healthz', isRight: is(200), needsDatabase: true });
    if (share < 94) return this.#ask(this.#hostileXml());
    return share < 98 ? this.#attack(pick(HOSTILE)) : this.#attack(pick(CUT_SHORT), true);
  }

  #autoconfig(number: number): Question {
    return this.#ofCase('autoconfig', number);
  }

  #ofCase(name: string, number: number): Question {
    const domain = `d${number}.bench.example`;
    const each = kindOf(name);
    if (each === undefined) throw new Error(`no case ${name}`);
    return {
      ...each.request(domain),
      kind: name,
      isRight: (status, body) => each.isRight({ status, headers: {}, body }, domain),
      needsDatabase: number > HOT_DOMAINS,
    };
  }

  /** What everyone of a domain gets, and "not modified" from the second time on. */
  #conditional(number: number): Question {
    const question = this.#ofCase('host', number);
    const etag = this.#etags.get(question.headers?.['Host'] ?? '');
    if (etag === undefined) return question;
    const headers = { ...question.headers, 'If-None-Match': etag };
    return { ...question, kind: 'conditional', headers, isRight: is(304) };
  }

  #json(number: number): Question {
    const path = `/autodiscover/autodiscover.json?Email=user@d${number}.bench.example&Protocol=AutodiscoverV1`;
    return { kind: 'json', path, isRight: is(200), needsDatabase: number > HOT_DOMAINS };
  }

  #unknown(): Question {
    const path = `/mail/config-v1.1.xml?emailaddress=user@u${this.#random.below(1_000_000_000)}.example`;
    return { kind: 'unknown', path, isRight: is(404), needsDatabase: true };
  }

  #hostileXml(): Question {
    const body = this.#random.text(
      ['<a ', 'xmlns:a="b"', '>', '</a>', '<!DOCTYPE a [', '&a;', '<![CDATA[', '\0', 'ä'],
      200,
    );
    const isRight = (status: number, answer: string): boolean => status === 200 && answer.includes('<ErrorCode>600<');
    return {
      kind: 'hostile XML',
      method: 'POST',
      path: '/autodiscover/autodiscover.xml',
      body,
      isRight,
      needsDatabase: false,
    };
  }

  async #ask(question: Question): Promise<void> {
    const before = this.#changes;
    const { status, body, error } = await this.#exchange(question);
    this.requests += 1;
    if (status !== undefined && question.isRight(status, body)) return;
    const sawAway = this.#isAway || before !== this.#changes;
    if (status === 503 && question.needsDatabase && sawAway) this.unavailable += 1;
    else this.#fail(`${question.kind}: ${question.path}: ${status ?? error}`);
  }

  async #exchange({ method = 'GET', path, headers, body, kind }: Question) {
    // Some come back on a connection that is open, some on a new one.
    const agent = this.#random.below(5) === 0 ? false : this.#agent;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { host: '127.0.0.1', port: this.#port, method, path, headers: { ...headers }, agent };
        request(options, resolve).on('error', reject).end(body);
      });
      const { etag } = response.headers;
      if (kind === 'host' && etag !== undefined) this.#etags.set(headers?.['Host'] ?? '', etag);
      return { status: response.statusCode, body: await text(response) };
    } catch (error) {
      return { status: undefined, body: '', error: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
  }

  /** Sends octets as they are. Who is refused before all is read may see the connection reset. */
  async #attack(octets: string, goesAway = false): Promise<void> {
    const answer = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(this.#port, '127.0.0.1', () =>
        socket.write(octets, () => {
          if (goesAway) socket.destroy();
        }),
      );
      socket.setEncoding('utf8').on('data', (chunk) => {
        received += chunk;
      });
      socket.on('error', () => undefined).on('close', () => resolve(received));
    });
    this.requests += 1;
    if (!/^(?:HTTP\/1\.1 4\d\d |$)/.test(answer)) this.#fail(`hostile: ${JSON.stringify(answer.slice(0, 80))}`);
  }

  #fail(what: string): void {
    this.failed += 1;
    if (this.failures.length < MAX_FAILURES) this.failures.push(what);
  }
}

const is =
  (wanted: number) =>
  (status: number): boolean =>
    status === wanted;
