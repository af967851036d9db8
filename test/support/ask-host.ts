import type { TestDaemon } from './test-daemon.ts';

export interface HostAnswer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Asks a daemon under a host name of the test's choice, which fetch does not allow; `lines`: further headers. */
export async function askHost(
  daemon: TestDaemon,
  host: string,
  target: string,
  method = 'GET',
  ...lines: readonly string[]
): Promise<HostAnswer> {
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines, 'Connection: close', '', ''];
  const answer = await daemon.raw(head.join('\r\n'));
  const end = answer.indexOf('\r\n\r\n');
  const [status = '', ...headers] = answer.slice(0, end).split('\r\n');
  return {
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(
      headers.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    ),
    body: answer.slice(end + 4),
  };
}
