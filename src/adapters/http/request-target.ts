import { Failure } from '../../domain/failure.ts';

/** A request target (RFC 9112 section 3.2) taken apart without URL: that would let "//evil/mail" name another host. */
export interface RequestTarget {
  /** As sent, percent signs and all. */
  readonly path: string;
  /** As sent, without "?". */
  readonly query: string;
  /** The authority of a target in absolute form. */
  readonly authority: string | undefined;
}

export function readRequestTarget(target: string): RequestTarget {
  const absolute = /^https?:\/\/([^/?]*)/i.exec(target);
  const rest = absolute === null ? target : target.slice(absolute[0].length);
  const question = rest.indexOf('?');
  return {
    path: (question < 0 ? rest : rest.slice(0, question)) || '/',
    query: question < 0 ? '' : rest.slice(question + 1),
    authority: absolute?.[1],
  };
}

/**
 * Decodes percent escapes (RFC 3986 section 2.1); "+" is a plus, for clients send addresses as they are. So do they
 * with "%": a part with an invalid escape is taken literally. Throws request_malformed for octets that are not UTF-8.
 */
export function percentDecode(part: string): string {
  if (!part.includes('%') || /%(?![0-9a-f]{2})/i.test(part)) return part;
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new Failure('request_malformed', 'percent escapes that are not UTF-8', { cause });
  }
}

/** The value of the first parameter of that name, "" where it has none, undefined where there is no such parameter. */
export function queryParameter(
  query: string,
  name: string,
  sameName = (a: string, b: string): boolean => a === b,
): string | undefined {
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if (sameName(decodeName(equals < 0 ? pair : pair.slice(0, equals)), name)) {
      return equals < 0 ? '' : percentDecode(pair.slice(equals + 1));
    }
  }
  return undefined;
}

/** A name that cannot be decoded is not one of ours. */
function decodeName(name: string): string {
  try {
    return percentDecode(name);
  } catch {
    return name;
  }
}
