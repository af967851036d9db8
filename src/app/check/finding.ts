import { BUSY } from './patient-prober.ts';

/** Every check, in the order in which they are reported. */
export const CHECKS = [
  'service-address',
  'service-alias',
  'autoconfig-name',
  'autodiscover-name',
  'address',
  'alias',
  'wildcard',
  'autodiscover-srv',
  'srv',
  'srv-unused',
  'srv-target',
  'dav-path',
  'certificate',
  'autoconfig',
  'autoconfig-by-host',
  'autoconfig-web-site',
  'autodiscover',
  'autodiscover-web-site',
  'autodiscover-http',
  'autodiscover-json',
  'redirect',
  'profile',
  'pacc',
  'pacc-tls',
  'well-known-dav',
  'well-known-jmap',
  'jmap',
  'oauth2',
  'mx',
  'mail-host',
  'managesieve',
  'caa',
  'ttl',
] as const;
export type CheckName = (typeof CHECKS)[number];

/**
 * error: a client fails; warning: some fail, or it may break; note: good to know; unknown: could not be asked, so nothing is
 * said about it; ok: as it should be.
 */
export const SEVERITIES = ['error', 'warning', 'unknown', 'note', 'ok'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What came of one check for one owner. Texts may hold what strangers wrote. */
export interface Finding {
  readonly check: CheckName;
  readonly severity: Severity;
  /** The name or URL that was looked at. */
  readonly owner: string;
  readonly expected: string;
  readonly found: string;
  /** What to do and where, in one sentence; "" where nothing is to be done. */
  readonly advice: string;
  /** The name server that says so, where several were asked and they differ. */
  readonly view?: string;
}

/** Characters of a text: strangers write as much as DNS and HTTP let them. */
const MAX_TEXT = 500;
const shortened = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

/** Findings of one check for one owner, with fewer words. */
export class Findings {
  readonly list: Finding[] = [];

  ok(check: CheckName, owner: string, found: string): void {
    this.add(check, 'ok', owner, { found });
  }

  add(
    check: CheckName,
    severity: Severity,
    owner: string,
    {
      expected = '',
      found,
      advice = '',
    }: { readonly expected?: string; readonly found: string; readonly advice?: string },
  ): void {
    const [shownOwner, shownFound, shownAdvice] = [owner, found, advice].map(shortened) as [string, string, string];
    this.list.push({ check, severity, owner: shownOwner, expected, found: shownFound, advice: shownAdvice });
  }

  /** It could not be asked; that is never the same as "missing". */
  unknown(check: CheckName, owner: string, reason: string): void {
    this.add(check, 'unknown', owner, { found: reason, advice: unknownAdvice(reason, owner) });
  }
}

function unknownAdvice(reason: string, place: string): string {
  // Of a URL, or of a host with its port, the name is what was asked for.
  const owner = place.replace(/^https?:\/\/([^/]*).*$/, '$1').replace(/:\d+$/, '');
  switch (reason) {
    case 'ESERVFAIL':
      return `The name servers of ${owner} fail, or DNSSEC is broken: ask again with --nameserver.`;
    case 'EREFUSED':
      return `The name server refuses to say anything about ${owner}: ask another one with --nameserver.`;
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `This machine has no way to the address of ${owner}: ask from another one.`;
    case BUSY:
      return `The proxy of ${owner} limits how much one client may ask: ask again for this domain alone.`;
    case 'EDEADLINE':
      return `The time for this domain was over before ${owner} could be asked: ask again for this domain alone.`;
    default:
      return `Nobody answered for ${owner}: ask again, or another name server with --nameserver.`;
  }
}
