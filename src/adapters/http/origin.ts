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
  /**
   * A program on this machine sent the request to this machine's name, and neither a proxy nor a web page had a part in it.
   * What trusted proxies say does not count here: a page can write their headers.
   */
  isLoopback(): boolean;
}

/** Headers by which proxies, load balancers and CDNs show themselves. */
const FORWARDING_HEADER = new RegExp(
  `^(?:${[
    'forwarded|via|x-forwarded.*|.*-ip|proxy-connection|cdn-loop|surrogate-capability|front-end-https',
    'x-original-.*|x-scheme|x-url-scheme|x-host|x-varnish|x-amzn-trace-id|x-cloud-trace-context|x-request-id',
    'cf-.*|x-envoy-.*|x-azure-.*|x-arr-.*|fastly-.*',
  ].join('|')})$`,
);

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
  const passedProxy = (): boolean => Object.keys(headers).some((name) => FORWARDING_HEADER.test(name));
  // An old browser sends neither for an image; only the other conditions recognize it.
  const fromPage = (): boolean => headers.origin !== undefined || (headers['sec-fetch-site'] ?? 'none') !== 'none';
  return {
    client,
    host,
    scheme: forwarded('x-forwarded-proto')?.toLowerCase(),
    isLoopback: () =>
      (viaUnixSocket || isLoopbackAddress(peer)) &&
      isLoopbackHost(hostName(headers.host ?? '')) &&
      !passedProxy() &&
      !fromPage() &&
      // nginx without further directives sends our own name as Host and no header of a proxy; before 1.29.7 it can be
      // recognized by HTTP/1.0.
      request.httpVersion === '1.1',
  };
}
