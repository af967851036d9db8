import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Extras, NO_EXTRAS } from '../../src/domain/extras.ts';
import { AUTOCONFIG } from '../../src/domain/formats/autoconfig.ts';
import type { MailDomain, MailServer } from '../../src/domain/mail-domain.ts';
import { ALL_EXTRAS, caldav, carddav, domain, imap, pop, smtp, user } from '../domain/samples.ts';
import { assertSetup, type Setup, type User } from './mail-client.ts';
import type { Answer } from './replay.ts';

/** What an Autoconfig document can hold beside one way to log in to a mail server: a column of the table in doc/clients.md. */
export const OFFERS = [
  'several ways',
  'oauth2',
  'jmap',
  'activesync',
  'managesieve',
  'documentation',
  'instructions',
  'webmail',
] as const;
export type Offer = (typeof OFFERS)[number];

/** With what of it a client no longer takes the document, by the client's name in doc/clients.md. */
export const GIVES_UP: Readonly<Record<string, readonly Offer[]>> = {
  Thunderbird: [],
  'Thunderbird for Android': [],
  Evolution: [],
  'GNOME Online Accounts': [],
  KMail: ['several ways'],
  'Delta Chat': [],
  FairEmail: [],
  'Nextcloud Mail': [],
  SnappyMail: [],
  aerc: [],
  Geary: [],
  Himalaya: ['jmap', 'activesync'],
  'Himalaya 1': ['jmap', 'activesync', 'documentation', 'instructions'],
};

/** The order of servers is mixed, as it comes from priorities. */
const MAIL_SERVERS: readonly MailServer[] = [imap, smtp, { ...pop, port: 995, socketType: 'SSL' }];

function offering(offers: readonly Offer[], mailServers = MAIL_SERVERS): Partial<MailDomain> {
  const kinds = offers.filter((offer): offer is Offer & keyof Extras => offer !== 'several ways');
  const ways = ['OAuth2', 'password-cleartext'] as const;
  return {
    mailServers:
      kinds.length === offers.length ? mailServers : mailServers.map((s) => ({ ...s, authentications: ways })),
    davServers: [caldav, carddav],
    extras: { ...NO_EXTRAS, ...Object.fromEntries(kinds.map((kind) => [kind, ALL_EXTRAS[kind]])) },
  };
}

/** A document whose servers have these ways to log in. */
export const answerWithWays = (...authentications: NonNullable<MailServer['authentications']>): Answer =>
  answerOf(AUTOCONFIG.write(user({ mailServers: [imap, smtp].map((server) => ({ ...server, authentications })) })));

export const answerOf = (body: string): Answer => ({
  status: 200,
  headers: new Map([['content-type', AUTOCONFIG.contentType]]),
  body,
});

const ANN: User = { localPart: 'ann', domain: 'example.org' };
const WANT: Setup = {
  incoming: { type: 'imap', hostname: imap.hostname, port: 993, security: 'SSL', login: 'ann@example.org' },
  outgoing: { type: 'smtp', hostname: smtp.hostname, port: 587, security: 'STARTTLS', login: 'ann@example.org' },
};

/** A client's reader takes the same settings from a document whatever else that holds, except for what makes it give up. */
export function testExtras(client: string, read: (answer: Answer, user: User) => Setup): void {
  const givesUp = GIVES_UP[client] ?? assert.fail(`${client} is not in the table`);
  const taken = OFFERS.filter((offer) => !givesUp.includes(offer));
  const documents = (offers: readonly Offer[], mailServers?: readonly MailServer[]) => [
    AUTOCONFIG.write(user(offering(offers, mailServers))),
    AUTOCONFIG.writeForDomain(domain(offering(offers, mailServers))),
  ];
  describe(`${client}: a document that holds more than mail servers`, () => {
    for (const offers of [[], ...taken.map((offer) => [offer]), taken]) {
      test(`taken with ${offers.join(', ') || 'nothing'}`, () => {
        for (const document of documents(offers)) assertSetup(read(answerOf(document), ANN), WANT);
      });
    }
    for (const offer of givesUp) {
      test(`not taken with ${offer}`, () => {
        for (const document of documents([offer])) assert.throws(() => read(answerOf(document), ANN), /gives up/);
      });
    }
    for (const offer of ['jmap', 'activesync'] as const) {
      test(`not taken with ${offer} and SMTP alone`, () => {
        for (const document of documents([offer], [smtp]))
          assert.throws(() => read(answerOf(document), ANN), /gives up/);
      });
    }
  });
}
