import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { HttpAnswer, HttpQuestion } from '../../ports/prober.ts';
import { type Attempt, coded } from './attempt.ts';

/** Octets that are read of a body where no longer one is expected. */
const MAX_BODY_OCTETS = 65_536;
/** Octets of all headers. */
const MAX_HEADER_OCTETS = 16_384;

type Answered = Omit<Extract<HttpAnswer, { readonly state: 'answered' }>, 'certificate'>;

/** Asks over a connection that is open already; `name`: for Host. */
export async function askHttp(
  attempt: Attempt,
  socket: Socket,
  name: string,
  { method, path, port, contentType, body, expectedOctets = 0 }: HttpQuestion,
): Promise<Answered> {
  const request = httpRequest({
    createConnection: () => socket,
    method,
    path,
    maxHeaderSize: MAX_HEADER_OCTETS,
    headers: {
      // As clients write it: the scheme's own port is not named.
      host: (isIPv6(name) ? `[${name}]` : name) + (port === undefined ? '' : `:${port}`),
      accept: '*/*',
      'user-agent': 'automx2-check',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
  });
  request.on('error', (error) => attempt.fail(error));
  // Status 101, which nobody asked for: no response follows.
  request.on('upgrade', () => attempt.fail(coded('EPROTO')));
  const response = once(request, 'response') as Promise<[IncomingMessage]>;
  request.end(body);
  const [message] = await attempt.step(response);
  const octets = await attempt.step(beginning(message, Math.max(MAX_BODY_OCTETS, expectedOctets + 1)));
  const { statusCode = 0, headers } = message;
  return {
    state: 'answered',
    status: statusCode,
    contentType: headers['content-type'] ?? '',
    location: headers.location ?? '',
    body: octets,
  };
}

/** The body, or its first octets. */
async function beginning(message: IncomingMessage, maxOctets: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxOctets) break;
  }
  return Buffer.concat(chunks).subarray(0, maxOctets);
}
