import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  /** Less those that node:http adds by itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** A character an octet: a signed profile is no text. */
  readonly body: string;
}

const OF_NODE = ['Date', 'Connection', 'Keep-Alive'];

/** Asks once, on a connection of its own. */
export async function ask(port: number, { method, path, headers = {}, body }: Request): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { rawHeaders, statusCode = 0 } = response.setEncoding('latin1');
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));
  return {
    status: statusCode,
    headers: Object.fromEntries(pairs.filter(([name = '']) => !OF_NODE.includes(name))),
    body: await text(response),
  };
}
