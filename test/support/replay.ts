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

/** The request with another body, and the length that goes with it. */
export function withBody(request: Uint8Array, body: string | Uint8Array): Buffer {
  const octets = Buffer.from(body);
  const head = split(request).head.replace(/^(content-length: ).*$/im, `$1${octets.length}`);
  return Buffer.concat([Buffer.from(head, 'latin1'), octets]);
}

/** The request with a header line more. */
export const withHeader = (request: Uint8Array, line: string): Buffer => {
  const { head, body } = split(request);
  return Buffer.concat([Buffer.from(`${head.slice(0, -2)}${line}\r\n\r\n`, 'latin1'), body]);
};

/** What a recorded request asks for, and what to put there; each as the client writes it in that place. */
export interface Asked {
  /** Default: fred. */
  readonly localPart?: string;
  /** Default: example.com. */
  readonly domain?: string;
  /** The domain in Host, if another one (a client that follows the MX record). */
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

/** A head's text has a character an octet. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** What came back. */
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
 * Sends octets as they are and reads one answer; clients keep their connections open, so the end of the connection does
 * not end it. As clients do, waits for 100 Continue where the request says so.
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
