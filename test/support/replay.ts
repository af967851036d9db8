import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUESTS = fileURLToPath(new URL('../testdata/requests', import.meta.url));

/** Every recorded request, as `client/name`. */
export const REQUEST_NAMES: readonly string[] = readdirSync(REQUESTS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.http'))
  .map((name) => name.replace(/\.http$/, ''))
  .sort();

/** The octets that a client sends, as test/testdata/requests has them. */
export const readRequest = (name: string): Buffer => readFileSync(join(REQUESTS, `${name}.http`));

/** Head and body of a message; the head with its empty line. */
export function split(message: Uint8Array): { readonly head: string; readonly body: Buffer } {
  const octets = Buffer.from(message);
  const end = octets.indexOf('\r\n\r\n') + 4;
  return { head: octets.subarray(0, end).toString('latin1'), body: octets.subarray(end) };
}

/** The request with another body and its length. */
export function withBody(request: Uint8Array, body: string | Uint8Array): Buffer {
  const octets = Buffer.from(body);
  const head = split(request).head.replace(/^(content-length: ).*$/im, `$1${octets.length}`);
  return Buffer.concat([Buffer.from(head, 'latin1'), octets]);
}

/** The request with an additional header line. */
export const withHeader = (request: Uint8Array, line: string): Buffer => {
  const { head, body } = split(request);
  return Buffer.concat([Buffer.from(`${head.slice(0, -2)}${line}\r\n\r\n`, 'latin1'), body]);
};

/** The user and domain to put into a recorded request, in the form that the client uses in each place. */
export interface Asked {
  /** Default: fred. */
  readonly localPart?: string;
  /** Default: example.com. */
  readonly domain?: string;
  /** The domain in Host, if different (a client that follows the MX record). */
  readonly hostDomain?: string;
}

/** The recorded request as its client sends it for another user or another domain. */
export function askedFor(
  request: Uint8Array,
  { localPart = 'fred', domain = 'example.com', hostDomain }: Asked,
): Buffer {
  const change = (text: string): string =>
    text.replaceAll('example.com', utf8(domain)).replaceAll(/\bfred(?=@|%40)/g, () => utf8(localPart));
  const { head, body } = split(request);
  const changed = head
    .replace(
      /^(host: (?:\w+\.)?)example\.com\r$/im,
      (_line, start: string) => `${start}${utf8(hostDomain ?? domain)}\r`,
    )
    .replace(/^(authorization: basic )(.*)$/im, (_line, start: string, text: string) => {
      const credentials = change(Buffer.from(text, 'base64').toString('latin1'));
      return start + Buffer.from(credentials, 'latin1').toString('base64');
    });
  const start = Buffer.from(change(changed), 'latin1');
  if (body.length === 0) return start;
  return withBody(Buffer.concat([start, body]), Buffer.from(change(body.toString('latin1')), 'latin1'));
}

/** A head as text has one character per octet. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** The answer. */
export interface Answer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The answer at the start of what was received, or undefined while it is not complete. */
function readAnswer(received: Buffer, method: string): Answer | undefined {
  const { head, body } = split(received);
  if (head === '') return undefined;
  const [statusLine = '', ...lines] = head.trimEnd().split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const octets = method === 'HEAD' ? 0 : Number(headers.get('content-length') ?? 0);
  if (body.length < octets) return undefined;
  return { status: Number(statusLine.slice(9, 12)), headers, body: body.subarray(0, octets).toString('utf8') };
}

/**
 * Sends octets unchanged and reads one answer, without waiting for the end of the connection, which clients keep open.
 * Waits for 100 Continue if the request says so, as clients do.
 */
export async function send(port: number, request: Uint8Array): Promise<Answer> {
  const { head } = split(request);
  const [method = ''] = head.split(' ', 1);
  let isWaiting = /^expect: 100-continue\r$/im.test(head);
  let received = Buffer.alloc(0);
  const socket = connect(port, '127.0.0.1', () =>
    socket.write(isWaiting ? head : request, isWaiting ? 'latin1' : undefined),
  );
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    const answer = readAnswer(received, method);
    if (isWaiting && answer?.status === 100) {
      isWaiting = false;
      received = received.subarray(split(received).head.length);
      socket.write(split(request).body);
    } else if (answer !== undefined) {
      return answer;
    }
  }
  throw new Error(`no answer but ${JSON.stringify(received.toString('latin1'))}`);
}
