import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came; undefined parts were not there. */
export interface RawAnswer {
  readonly status: number;
  /** By name in lower case; a name that came twice has both values, with a line end between. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';

/** The first answer in what came; undefined: it is not complete yet. */
function readAnswer(octets: Buffer, isHead: boolean): { answer: RawAnswer; rest: Buffer } | undefined {
  const end = octets.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [first = '', ...lines] = octets.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([!-9;-~]+): ?(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no header line: ${JSON.stringify(line)}`);
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}\n${value}`);
  }
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const hasBody = !isHead && status !== 304;
  const start = end + HEAD_END.length;
  const length = hasBody ? Number(headers.get('content-length')) : 0;
  if (octets.length < start + length) return undefined;
  const body = octets.subarray(start, start + length).toString('utf8');
  return { answer: { status, headers, body }, rest: octets.subarray(start + length) };
}

/** Sends requests as they are, one after the other, over a connection that it makes anew when the server closes it. */
export class KeepAliveClient {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);

  constructor(port: number) {
    this.#port = port;
  }

  /** The answer; undefined: the server closed the connection without any. Throws if more came than was asked for. */
  async ask(request: Uint8Array, isHead: boolean): Promise<RawAnswer | undefined> {
    const socket = await this.#open();
    if (this.#received.length > 0) throw new Error(`an answer too much: ${this.#received.toString('latin1')}`);
    socket.write(request);
    for (;;) {
      const read = readAnswer(this.#received, isHead);
      if (read !== undefined) {
        this.#received = Buffer.from(read.rest);
        if (read.answer.headers.get('connection') === 'close') this.close();
        return read.answer;
      }
      if (socket.destroyed) {
        this.close();
        return undefined;
      }
      await new Promise<void>((resolve) => {
        socket.once('data', () => resolve());
        socket.once('close', () => resolve());
      });
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  async #open(): Promise<Socket> {
    if (this.#socket !== undefined && !this.#socket.destroyed) return this.#socket;
    this.close();
    const socket = connect(this.#port, '127.0.0.1');
    socket.setMaxListeners(0);
    await once(socket, 'connect');
    socket.on('data', (chunk) => {
      if (socket === this.#socket) this.#received = Buffer.concat([this.#received, chunk]);
    });
    // What it means is seen at the next reading.
    socket.on('error', () => undefined);
    this.#socket = socket;
    return socket;
  }
}
