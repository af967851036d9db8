import type { KeyKind } from '../test/support/certificates.ts';
import type { Answer, Request } from './ask.ts';
import type { Goal } from './results.ts';
import { DAV_DOMAIN, type Engine, ONE_STORE, type Store } from './stores.ts';

/** One kind of traffic. */
export interface Case {
  readonly name: string;
  readonly title: string;
  /** The request that is sent all the time; for traffic that differs from request to request, one of that kind. */
  readonly request: (domain: string) => Request;
  /** Undefined: always the same request. */
  readonly traffic?: 'mixed' | 'spread';
  /** What as many connections again ask for at the same time; of them, only processor time and requests count. */
  readonly beside?: (domain: string) => Request;
  /** What the daemon signs profiles with; undefined: it does not. */
  readonly signingKey?: KeyKind;
  /** The one store to measure it in; undefined: in all. */
  readonly onlyStore?: string;
  /** What the answer to `request` has to be, apart from being the same before and after. */
  readonly isRight: (answer: Answer, domain: string) => boolean;
  /** Whether each answer is another one: a signature holds the time. */
  readonly isNewEachTime?: boolean;
  /** Undefined: nothing is wanted of it. */
  readonly goal?: (store: Store) => Goal | undefined;
}

/** Many more domains than a daemon keeps: of 100,000 that are asked for evenly, nearly each has to be looked up. */
export const isNotKept = (name: string, { domains }: Store): boolean => name === 'spread' && domains >= 100_000;

/** What a look-up that is not kept may cost, in times of what the bare server's whole answer costs. */
const MOST_TIMES: Readonly<Record<Engine, number>> = { sqlite: 6, postgresql: 12, mariadb: 12 };

export const autoconfig = (domain: string): Request => ({
  method: 'GET',
  path: `/mail/config-v1.1.xml?emailaddress=user@${domain}`,
});

const autodiscover = (domain: string): Request => ({
  method: 'POST',
  path: '/autodiscover/autodiscover.xml',
  headers: { 'Content-Type': 'text/xml' },
  body:
    '<?xml version="1.0" encoding="utf-8"?>\n' +
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">\n' +
    `  <Request>\n    <EMailAddress>user@${domain}</EMailAddress>\n    <AcceptableResponseSchema>` +
    'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>\n' +
    '  </Request>\n</Autodiscover>\n',
});

const mobileconfig = (domain: string): Request => ({
  method: 'GET',
  path: `/mobileconfig/?emailaddress=user@${domain}`,
});

const names = ({ status, body }: Answer, text: string): boolean => status === 200 && body.includes(text);
const namesServer = (answer: Answer, domain: string): boolean => names(answer, `imap.${domain}`);

const SIGNING_KEYS = [
  { name: 'rsa', title: 'signed with RSA-2048', signingKey: 'rsa:2048' },
  { name: 'p256', title: 'signed with P-256', signingKey: 'ec:P-256' },
] as const;

/** All kinds, in the order of the table. */
export const CASES: readonly Case[] = [
  {
    name: 'autoconfig',
    title: 'Autoconfig GET',
    request: autoconfig,
    isRight: namesServer,
    goal: () => ({ bareToOurs: 0.8 }),
  },
  {
    name: 'host',
    title: 'Autoconfig GET, domain from Host',
    request: (domain) => ({ method: 'GET', path: '/mail/config-v1.1.xml', headers: { Host: `autoconfig.${domain}` } }),
    isRight: namesServer,
  },
  {
    // The placeholder in the URL of a DAV server makes the document another one for each user.
    name: 'personal',
    title: 'Autoconfig GET, with DAV',
    request: () => autoconfig(DAV_DOMAIN),
    isRight: (answer) => names(answer, `/user@${DAV_DOMAIN}/`),
  },
  {
    name: 'autodiscover',
    title: 'Autodiscover POST',
    request: autodiscover,
    isRight: namesServer,
    goal: () => ({ bareToOurs: 0.45 }),
  },
  {
    name: 'mobileconfig',
    title: 'mobileconfig GET',
    request: mobileconfig,
    isRight: namesServer,
    goal: () => ({ bareToOurs: 0.6 }),
  },
  {
    name: 'unknown',
    title: 'Autoconfig GET, unknown domain',
    request: () => autoconfig('unknown.bench.example'),
    isRight: ({ status }) => status === 404,
  },
  {
    // With both QR codes, which take most of its time.
    name: 'page',
    title: 'page for people, with an address',
    request: (domain) => ({ method: 'GET', path: `/?emailaddress=user@${domain}`, headers: { Host: domain } }),
    onlyStore: ONE_STORE,
    isRight: namesServer,
  },
  { name: 'mixed', title: 'mixed traffic', request: autoconfig, traffic: 'mixed', isRight: namesServer },
  {
    name: 'spread',
    title: 'all domains evenly',
    request: autoconfig,
    traffic: 'spread',
    isRight: namesServer,
    goal: (store) => (isNotKept('spread', store) ? { oursToBare: MOST_TIMES[store.engine] } : undefined),
  },
  ...SIGNING_KEYS.map(({ name, title, signingKey }) => ({
    name: `signed-${name}`,
    title: `mobileconfig GET, ${title}`,
    request: mobileconfig,
    signingKey,
    onlyStore: ONE_STORE,
    // DER begins with a SEQUENCE, 0x30, and holds the document as it is.
    isRight: (answer: Answer, domain: string) => namesServer(answer, domain) && answer.body.startsWith('\x30'),
    isNewEachTime: true,
  })),
  ...[{ name: 'unsigned', title: 'unsigned' }, ...SIGNING_KEYS].map(({ name, title, ...key }) => ({
    name: `beside-${name}`,
    title: `Autoconfig GET, beside profiles ${title}`,
    request: autoconfig,
    beside: mobileconfig,
    ...key,
    onlyStore: ONE_STORE,
    isRight: namesServer,
  })),
];
