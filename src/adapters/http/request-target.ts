import { isUtf8 } from 'node:buffer';
import { Failure } from '../../domain/failure.ts';

/** A request target (RFC 9112 section 3.2) taken apart without URL: that would let "//evil/mail" name another host. */
export interface RequestTarget {
  /** As sent, percent signs and all, but for slashes at the beginning: proxies make several of one, and mean one. */
  readonly path: string;
  /** As sent, without "?". */
  readonly query: string;
  /** The authority of a target in absolute form. */
  readonly authority: string | undefined;
}

/** The path with one slash at its beginning. */
export const oneSlash = (path: string): string => (path.startsWith('//') ? path.replace(/^\/+/, '/') : path);

export function readRequestTarget(target: string): RequestTarget {
  const absolute = /^https?:\/\/([^/?]*)/i.exec(target);
  const rest = absolute === null ? target : target.slice(absolute[0].length);
  const question = rest.indexOf('?');
  return {
    path: oneSlash((question < 0 ? rest : rest.slice(0, question)) || '/'),
    query: question < 0 ? '' : rest.slice(question + 1),
    authority: absolute?.[1],
  };
}

/**
 * Decodes percent escapes (RFC 3986 section 2.1); "+" is a plus, for clients send addresses as they are. So do they
 * with "%": a part with an invalid escape is taken literally. Throws request_malformed for octets that are not UTF-8.
 */
export function percentDecode(part: string): string {
  const text = decoded(part);
  if (text === undefined) throw new Failure('request_malformed', 'percent escapes that are not UTF-8');
  return text;
}

/** As percentDecode, but undefined for octets that are not UTF-8: an exception for each is what strangers would ask for. */
function decoded(part: string): string | undefined {
  if (!part.includes('%') || /%(?![0-9a-f]{2})/i.test(part)) return part;
  const octet = (_escape: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 16));
  const octets = Buffer.from(part.replace(/%(..)/g, octet), 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : undefined;
}

/** What one octet of a name may take when it is escaped. */
const ESCAPE_LENGTH = 3;

/** The value of the first parameter of that name, "" where it has none, undefined where there is no such parameter. */
export function queryParameter(
  query: string,
  name: string,
  sameName = (a: string, b: string): boolean => a === b,
): string | undefined {
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const end = equals < 0 ? pair.length : equals;
    // Only what can be the wanted name is decoded; a name that cannot be is not one of ours.
    if (end > name.length * ESCAPE_LENGTH || !sameName(decoded(pair.slice(0, end)) ?? '', name)) continue;
    return equals < 0 ? '' : percentDecode(pair.slice(equals + 1));
  }
  return undefined;
}
