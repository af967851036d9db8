import type { Authentication } from '../connection-words.ts';
import type { DomainName } from '../domain-name.ts';
import { addressText, type EmailAddress } from '../email-address.ts';
import { Failure } from '../failure.ts';
import { type MailServer, preferEncrypted } from '../mail-domain.ts';
import { uuidEnd, uuidOf, uuidStem } from '../uuid.ts';
import { eachMailServer, kindsWithout, takesOnlyOAuth2 } from './client-rule.ts';
import type { Format, UserDavServer, UserMailServer } from './format.ts';
import { type PlistDictionary, writePlist } from './plist.ts';
import { escapeText } from './xml.ts';

// Profiles know no OAuth2: the device asks for the password. What is missing here, a profile cannot say
// (Apple, com.apple.mail.managed, IncomingMailServerAuthentication).
const AUTHENTICATION: { readonly [word in Authentication]?: string } = {
  'password-cleartext': 'EmailAuthPassword',
  'password-encrypted': 'EmailAuthCRAMMD5',
  NTLM: 'EmailAuthNTLM',
  none: 'EmailAuthNone',
  OAuth2: 'EmailAuthPassword',
};

const isUsable = ({ authentication }: MailServer): boolean => AUTHENTICATION[authentication] !== undefined;

/** The server of the type that a profile names. */
const choose = (servers: readonly UserMailServer[], type: MailServer['type']): UserMailServer | undefined =>
  preferEncrypted(servers.filter((server) => server.type === type && isUsable(server)));

const withPrefix = (prefix: string, keys: PlistDictionary): PlistDictionary =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [prefix + key, value]));

const mailKeys = (direction: 'Incoming' | 'Outgoing', server: UserMailServer): PlistDictionary =>
  withPrefix(`${direction}MailServer`, {
    Authentication: AUTHENTICATION[server.authentication],
    HostName: server.hostname,
    PortNumber: server.port,
    UseSSL: server.socketType !== 'plain',
    Username: server.loginName,
  });

function davKeys(server: UserDavServer, description: string): PlistDictionary {
  const { hostname, port } = new URL(server.url);
  return withPrefix(server.type === 'caldav' ? 'CalDAV' : 'CardDAV', {
    AccountDescription: description,
    HostName: hostname,
    Port: server.port ?? (port === '' ? undefined : Number(port)),
    PrincipalURL: server.url,
    UseSSL: server.useSsl,
    Username: server.loginName,
  });
}

/** Identifiers follow from the address alone, so that a later download replaces the earlier one. */
function identity(address: EmailAddress) {
  const uuid = uuidOf(addressText(address));
  return { identifierPart: uuid.toLowerCase(), payloadStem: uuidStem(uuid) };
}

/** Identifiers hold letters, digits, "-" and "." only: the address is in them as its UUID. */
const profileIdentifier = (domain: DomainName, part: string): string =>
  `${domain.split('.').reverse().join('.').replaceAll('_', '-')}.automx2.${part}`;

/**
 * An Apple configuration profile (Apple device management: TopLevel, com.apple.mail.managed, com.apple.caldav.account,
 * com.apple.carddav.account). Throws domain_unusable if there is no incoming or no outgoing server that it can name.
 */
export const MOBILECONFIG: Format = {
  name: 'mobileconfig',
  scope: 'user',
  contentType: 'application/x-apple-aspen-config',
  escapeText,
  write({ domain: { name: domain, settings }, address, displayName, mailServers, davServers }) {
    const incoming = choose(mailServers, 'imap') ?? choose(mailServers, 'pop');
    const outgoing = choose(mailServers, 'smtp');
    if (incoming === undefined || outgoing === undefined) {
      throw new Failure('domain_unusable', `${domain}: a profile needs an incoming server and SMTP`);
    }
    const text = addressText(address);
    const { identifierPart, payloadStem } = identity(address);
    const identifier = profileIdentifier(domain, identifierPart);
    /** Keys that every payload and the profile itself have (Apple, "CommonPayloadKeys"). */
    const payload = (type: string, suffix: string, name: string): PlistDictionary => ({
      PayloadDisplayName: name,
      PayloadIdentifier: identifier + suffix,
      PayloadType: type,
      PayloadUUID: payloadStem + uuidEnd(type + suffix),
      PayloadVersion: 1,
    });
    return writePlist({
      ...payload('Configuration', '', `${domain} accounts`),
      PayloadDescription: `Mail settings of ${text}`,
      PayloadOrganization: settings.provider.name,
      PayloadRemovalDisallowed: false,
      PayloadContent: [
        {
          ...payload('com.apple.mail.managed', '.mail', domain),
          ...mailKeys('Incoming', incoming),
          ...mailKeys('Outgoing', outgoing),
          EmailAccountDescription: text,
          EmailAccountName: displayName,
          EmailAccountType: incoming.type === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP',
          EmailAddress: text,
          OutgoingPasswordSameAsIncomingPassword: true,
        },
        ...davServers.map((server) => ({
          ...payload(`com.apple.${server.type}.account`, `.${server.type}.${server.id}`, domain),
          ...davKeys(server, text),
        })),
      ],
    });
  },
  derived: (address) => Object.values(identity(address)),
  rules: [
    {
      clients: 'iPhone, iPad, Mac',
      reason: 'a profile cannot name the way to log in, and without an incoming and an SMTP server none is made',
      remedy: 'set authentication to plain or password-encrypted',
      broken: kindsWithout(isUsable),
    },
    {
      clients: 'iPhone, iPad, Mac',
      reason: 'profiles know no OAuth2, so the device asks for a password',
      remedy: 'set authentication to plain, unless passwords are switched off',
      broken: eachMailServer(takesOnlyOAuth2),
    },
  ],
};
