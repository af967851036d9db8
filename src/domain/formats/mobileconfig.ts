import type { Account, AccountDavServer, AccountMailServer } from '../account.ts';
import type { Authentication } from '../connection-words.ts';
import { addressText, type EmailAddress } from '../email-address.ts';
import { Failure } from '../failure.ts';
import { uuidOf } from '../uuid.ts';
import { type PlistDictionary, writePlist } from './plist.ts';

// Profiles know no OAuth2: the device asks for the password. What is missing here, a profile cannot say.
const AUTHENTICATION: { readonly [word in Authentication]?: string } = {
  'password-cleartext': 'EmailAuthPassword',
  'password-encrypted': 'EmailAuthCRAMMD5',
  NTLM: 'EmailAuthNTLM',
  none: 'EmailAuthNone',
  OAuth2: 'EmailAuthPassword',
};

/** The first server of the type that a profile can name; a clear-text one only if no other is encrypted. */
function choose(servers: readonly AccountMailServer[], type: AccountMailServer['type']): AccountMailServer | undefined {
  const usable = servers.filter((server) => server.type === type && AUTHENTICATION[server.authentication]);
  return usable.find((server) => server.socketType !== 'plain') ?? usable[0];
}

const incomingKeys = (server: AccountMailServer): PlistDictionary => ({
  IncomingMailServerAuthentication: AUTHENTICATION[server.authentication],
  IncomingMailServerHostName: server.hostname,
  IncomingMailServerPortNumber: server.port,
  IncomingMailServerUseSSL: server.socketType !== 'plain',
  IncomingMailServerUsername: server.loginName,
});

const outgoingKeys = (server: AccountMailServer): PlistDictionary => ({
  OutgoingMailServerAuthentication: AUTHENTICATION[server.authentication],
  OutgoingMailServerHostName: server.hostname,
  OutgoingMailServerPortNumber: server.port,
  OutgoingMailServerUseSSL: server.socketType !== 'plain',
  OutgoingMailServerUsername: server.loginName,
});

function davKeys(server: AccountDavServer, description: string): PlistDictionary {
  const url = new URL(server.url);
  const port = server.port ?? (url.port === '' ? undefined : Number(url.port));
  return server.type === 'caldav'
    ? {
        CalDAVAccountDescription: description,
        CalDAVHostName: url.hostname,
        CalDAVPort: port,
        CalDAVPrincipalURL: server.url,
        CalDAVUseSSL: server.useSsl,
        CalDAVUsername: server.loginName,
      }
    : {
        CardDAVAccountDescription: description,
        CardDAVHostName: url.hostname,
        CardDAVPort: port,
        CardDAVPrincipalURL: server.url,
        CardDAVUseSSL: server.useSsl,
        CardDAVUsername: server.loginName,
      };
}

/** Keys that every payload and the profile itself have (Apple, "CommonPayloadKeys"). */
const payload = (type: string, identifier: string, displayName: string): PlistDictionary => ({
  PayloadDisplayName: displayName,
  PayloadIdentifier: identifier,
  PayloadType: type,
  PayloadUUID: uuidOf(identifier),
  PayloadVersion: 1,
});

/**
 * Writes an Apple configuration profile (Apple device management: TopLevel, com.apple.mail.managed,
 * com.apple.caldav.account, com.apple.carddav.account) for one address; `name` is the user's own, if no directory knows it.
 * Identifiers follow from the address alone, so that a later download replaces the earlier one.
 * Throws domain_unusable if there is no incoming or no outgoing server that a profile can name.
 */
export function writeMobileconfig(account: Account, address: EmailAddress, name: string | undefined): string {
  const { domain, mailServers, davServers } = account;
  const incoming = choose(mailServers, 'imap') ?? choose(mailServers, 'pop');
  const outgoing = choose(mailServers, 'smtp');
  if (incoming === undefined || outgoing === undefined) {
    throw new Failure('domain_unusable', `${domain}: a profile needs an incoming server and SMTP`);
  }
  const text = addressText(address);
  // Identifiers hold letters, digits, "-" and "." only: the address goes in as its UUID.
  const reversedDomain = domain.split('.').reverse().join('.').replaceAll('_', '-');
  const identifier = `${reversedDomain}.automx2.${uuidOf(text).toLowerCase()}`;
  return writePlist({
    ...payload('Configuration', identifier, `${domain} accounts`),
    PayloadDescription: `Mail settings of ${text}`,
    PayloadOrganization: account.provider.name,
    PayloadRemovalDisallowed: false,
    PayloadContent: [
      {
        ...payload('com.apple.mail.managed', `${identifier}.mail`, domain),
        ...incomingKeys(incoming),
        ...outgoingKeys(outgoing),
        EmailAccountDescription: text,
        EmailAccountName: account.displayName ?? name,
        EmailAccountType: incoming.type === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP',
        EmailAddress: text,
        OutgoingPasswordSameAsIncomingPassword: true,
      },
      ...davServers.map((server) => ({
        ...payload(`com.apple.${server.type}.account`, `${identifier}.${server.type}.${server.id}`, domain),
        ...davKeys(server, text),
      })),
    ],
  });
}
