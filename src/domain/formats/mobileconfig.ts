import type { Authentication } from '../connection-words.ts';
import { addressText } from '../email-address.ts';
import { Failure } from '../failure.ts';
import { type MailServer, preferEncrypted } from '../mail-domain.ts';
import { eachMailServer, kindsWithout, takesOnlyOAuth2 } from './client-rule.ts';
import type { Format, UserDavServer, UserMailServer } from './format.ts';
import type { PlistDictionary } from './plist.ts';
import { PROFILE, writeProfile } from './profile.ts';

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

/**
 * An Apple configuration profile (Apple device management: com.apple.mail.managed, com.apple.caldav.account,
 * com.apple.carddav.account). Throws domain_unusable if there is no incoming or no outgoing server that it can name.
 */
export const MOBILECONFIG: Format = {
  ...PROFILE,
  name: 'mobileconfig',
  write(user) {
    const { domain, address, displayName, mailServers, davServers } = user;
    const incoming = choose(mailServers, 'imap') ?? choose(mailServers, 'pop');
    const outgoing = choose(mailServers, 'smtp');
    if (incoming === undefined || outgoing === undefined) {
      throw new Failure('domain_unusable', `${domain.name}: a profile needs an incoming server and SMTP`);
    }
    const text = addressText(address);
    return writeProfile(user, {
      suffix: '',
      displayName: `${domain.name} accounts`,
      payloads: (commonKeys) => [
        {
          ...commonKeys('com.apple.mail.managed', '.mail'),
          ...mailKeys('Incoming', incoming),
          ...mailKeys('Outgoing', outgoing),
          EmailAccountDescription: text,
          EmailAccountName: displayName,
          EmailAccountType: incoming.type === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP',
          EmailAddress: text,
          OutgoingPasswordSameAsIncomingPassword: true,
        },
        ...davServers.map((server) => ({
          ...commonKeys(`com.apple.${server.type}.account`, `.${server.type}.${server.id}`),
          ...davKeys(server, text),
        })),
      ],
    });
  },
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
