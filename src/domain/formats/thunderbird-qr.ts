import { type Authentication, effectiveSocketType, type SocketType } from '../connection-words.ts';
import { addressText } from '../email-address.ts';
import { Failure } from '../failure.ts';
import { type MailServer, preferEncrypted } from '../mail-domain.ts';
import { kindsWithout } from './client-rule.ts';
import type { Format, UserMailServer } from './format.ts';

// thunderbird-android, "QR code format", version 1.
const FORMAT_VERSION = 1;
const PROTOCOL = { imap: 0, pop: 1, smtp: 0 } as const;
const SECURITY: Readonly<Record<Exclude<SocketType, 'auto'>, number>> = { plain: 0, STARTTLS: 2, SSL: 3 };
const AUTHENTICATION: { readonly [word in Authentication]?: number } = {
  none: 0,
  'password-cleartext': 1,
  'password-encrypted': 2,
  GSSAPI: 3,
  NTLM: 4,
  'TLS-client-cert': 5,
  OAuth2: 6,
};

const isUsable = ({ authentication }: MailServer): boolean => AUTHENTICATION[authentication] !== undefined;

const choose = (servers: readonly UserMailServer[], type: MailServer['type']): UserMailServer | undefined =>
  preferEncrypted(servers.filter((server) => server.type === type && isUsable(server)));

/** A server without the password, for which the app asks. */
const serverOf = (server: UserMailServer): readonly (string | number | undefined)[] => [
  PROTOCOL[server.type],
  server.hostname,
  server.port,
  SECURITY[effectiveSocketType(server)],
  AUTHENTICATION[server.authentication],
  server.loginName,
];

/** In ASCII, because a code does not say how its octets are to be read. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The account that Thunderbird for Android reads out of a QR code ("Import settings"). The app takes ASCII addresses only. */
export const THUNDERBIRD_QR: Format = {
  name: 'thunderbird-qr',
  scope: 'user',
  contentType: 'application/json',
  write({ domain: { name: domain }, address, displayName, mailServers }) {
    const text = addressText(address);
    const incoming = choose(mailServers, 'imap') ?? choose(mailServers, 'pop');
    const outgoing = choose(mailServers, 'smtp');
    if (incoming === undefined || outgoing === undefined) {
      throw new Failure('domain_unusable', `${domain}: the QR code needs an incoming server and SMTP`);
    }
    if (/[^\x21-\x7e]/.test(text)) {
      throw new Failure('domain_unusable', `${domain}: the QR code takes addresses in ASCII only`);
    }
    // Code 1 of 1, with one account that has one way to send and one name.
    const identity = [text, displayName || text];
    return asciiJson([FORMAT_VERSION, [1, 1], serverOf(incoming), [[serverOf(outgoing), identity]]]);
  },
  rules: [
    {
      clients: 'Thunderbird for Android',
      reason: 'its QR code cannot name the way to log in, and without an incoming and an SMTP server none is made',
      remedy: 'set authentication to plain or password-encrypted',
      broken: kindsWithout(isUsable),
    },
  ],
};
