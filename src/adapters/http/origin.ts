import type { IncomingMessage } from 'node:http';
import { isLoopbackAddress, isLoopbackHost } from '../../domain/loopback.ts';

/** Who asked, and under which name: what the connection says, or what trusted proxies in front say of it. */
export interface Origin {
  /** Address of the client, without port; "unix" for one that came through a Unix socket. */
  readonly client: string;
  /** Host name that the client asked, in lower case, without port and trailing dot; "" if it named none. */
  readonly host: string;
  /** Undefined unless a trusted proxy said it: we see plain connections only. */
  readonly scheme: string | undefined;
  /** The request itself came from this machine, was sent to this machine's name and passed no proxy we do not know. */
  isLoopback(): boolean;
}

/** Headers by which a proxy shows itself. */
const FORWARDING_HEADER = /^(?:forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

const UNIX = 'unix';

const withoutPort = (authority: string): string => authority.replace(/:\d*$/, '');
const hostName = (authority: string): string => withoutPort(inUtf8(authority).trim()).toLowerCase().replace(/\.$/, '');

/** node:http reads header octets as Latin-1; a name in other letters than ASCII comes in UTF-8, if it comes at all. */
const inUtf8 = (header: string): string => (isAscii(header) ? header : Buffer.from(header, 'latin1').toString('utf8'));
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** An address as a proxy writes it: perhaps with a port, in brackets, or as IPv4 within IPv6. */
function addressName(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const bare = bracketed ?? (/^[\d.]+:\d+$/.test(text) ? withoutPort(text) : text);
  return bare.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
}

/**
 * `viaUnixSocket`: the request came to a Unix socket, which only this machine can reach.
 * `proxyCount` proxies in front are trusted: of each X-Forwarded header that many entries from the right are theirs,
 * and the leftmost of these says what the first of them saw. With fewer entries no trusted proxy said anything.
 */
export function originOf(
  request: IncomingMessage,
  authority: string | undefined,
  { proxyCount, viaUnixSocket }: { readonly proxyCount: number; readonly viaUnixSocket: boolean },
): Origin {
  const { headers } = request;
  const entriesOf = (name: string): readonly string[] =>
    // node:http joins several lines of a header that it does not know with commas.
    String(headers[name] ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  const forwarded = (name: string): string | undefined => {
    if (proxyCount === 0) return undefined;
    const entries = entriesOf(name);
    return entries[entries.length - proxyCount];
  };
  // Only the listening side identifies a Unix socket: a TCP peer that has disconnected has no address either.
  const peer = viaUnixSocket ? UNIX : addressName(request.socket.remoteAddress ?? '');
  const forwardedFor = forwarded('x-forwarded-for');
  const client = forwardedFor === undefined ? peer : addressName(forwardedFor);
  const host = hostName(forwarded('x-forwarded-host') ?? authority ?? request.headers.host ?? '');
  const isAccountedFor = (): boolean => {
    // Behind trusted proxies every hop must be this machine: one proxy more than was counted would let strangers in.
    const hops = [...entriesOf('x-forwarded-for'), ...entriesOf('x-real-ip')].map(addressName);
    return forwardedFor !== undefined && hops.every(isLoopbackAddress) && headers.forwarded === undefined;
  };
  const passedProxy = (): boolean => Object.keys(headers).some((name) => FORWARDING_HEADER.test(name));
  return {
    client,
    host,
    scheme: forwarded('x-forwarded-proto')?.toLowerCase(),
    isLoopback: () =>
      (viaUnixSocket || isLoopbackAddress(peer)) &&
      isLoopbackHost(host) &&
      (!passedProxy() || isAccountedFor()) &&
      // nginx without further directives sends our own name as Host and no header of a proxy; before 1.29.7 it can be
      // recognized by HTTP/1.0.
      request.httpVersion !== '1.0',
  };
}
