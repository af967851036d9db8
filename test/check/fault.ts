import type { Members } from '../domain/documents/samples.ts';

/** Where the servers of the world listen. Zones name these places; who writes the zones fills in their addresses. */
export type Place =
  /** The proxy of the daemon. */
  | 'SERVICE'
  /** A web server that is not the operator's: the web sites of the domains. */
  | 'SITE'
  /** A proxy of the daemon that knows TLS 1.2 only. */
  | 'OLD'
  /** A proxy of the daemon that lets a client make few requests in a second. */
  | 'LIMITED'
  /** Mail servers. */
  | 'MAIL'
  /** Servers that know no TLS: of the web, and of mail. */
  | 'PLAIN'
  /** Takes connections and never says a word. */
  | 'HUNG'
  /** Nothing listens. */
  | 'NOTHING'
  /** The name server, and another that answers from an older view. */
  | 'DNS'
  | 'CACHE';

/** good: all names, with its intermediate; the others differ from it in what they are called. */
export type Kind =
  | 'good'
  | 'expired'
  | 'otherName'
  | 'noIntermediate'
  | 'selfSigned'
  | 'tenDays'
  | 'notYet'
  | 'hostile';

/** Something that a terminal obeys. */
export const ESCAPES = '\x1b[31m\x07\x9b1m';

/** A site of the web server that differs from the healthy ones. */
export interface Site {
  /** Owners relative to the domain: "autoconfig", "@". */
  readonly names: readonly string[];
  /** Default: SITE for "@", else SERVICE. */
  readonly at?: Place;
  readonly certificate?: Kind;
  /** What nginx answers in its own words, before what a healthy site does. */
  readonly lines?: string;
}

/** Records by owner relative to the domain, which may be followed by a type: they replace the healthy ones. */
export type Edits = Readonly<Record<string, readonly string[]>>;

/** A domain of which one thing is wrong. */
export interface Fault {
  /** The first label of its name. */
  readonly domain: string;
  readonly title: string;
  readonly zone?: Edits;
  /** broken: SERVFAIL; foreign: the name server does not know the zone, REFUSED. All of it is unknown then. */
  readonly nameserver?: 'broken' | 'foreign';
  readonly web?: readonly Site[];
  /** Certificates of mail hosts by owner. */
  readonly mail?: Readonly<Record<string, Kind>>;
  /** Its servers, where they are not the healthy ones. */
  readonly servers?: (domain: string) => readonly Members[];
  /** All that is reported beside "ok" and "note": "CHECK SEVERITY". */
  readonly expect: readonly string[];
  /** Notes that must be among those reported. */
  readonly notes?: readonly string[];
  /** Checks of which no note may be reported. */
  readonly silent?: readonly string[];
  /** What the advice is about. */
  readonly advises?: RegExp;
  /** What is said in the end of some clients. */
  readonly clients?: Readonly<Record<string, 'works' | 'asks' | 'fails' | 'unknown'>>;
}

/** Public name of the service. */
export const SERVICE_HOST = 'service.test';

export const nameOf = ({ domain }: Pick<Fault, 'domain'>): string => `${domain}.test`;

const servers = (domain: string): Readonly<Record<'imap' | 'smtp' | 'submission' | 'caldav' | 'carddav', Members>> => ({
  imap: { type: 'imap', name: `imap.${domain}`, port: 993, socket_type: 'SSL' },
  smtp: { type: 'smtp', name: `smtp.${domain}`, port: 465, socket_type: 'SSL' },
  submission: { type: 'smtp', name: `smtp.${domain}`, port: 587, socket_type: 'STARTTLS', prio: 20 },
  caldav: { type: 'caldav', url: `https://dav.${domain}/calendars/` },
  carddav: { type: 'carddav', url: `https://dav.${domain}/contacts/` },
});

/** The servers of a healthy domain, some of them changed. */
export const serversOf = (
  domain: string,
  changes: Readonly<Partial<Record<keyof ReturnType<typeof servers>, Members>>> = {},
): readonly Members[] =>
  Object.entries(servers(domain)).map(([name, server]) => ({
    ...server,
    ...changes[name as keyof ReturnType<typeof servers>],
  }));
