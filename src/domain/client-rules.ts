import { type Authentication, socketTypeByPort } from './connection-words.ts';
import { type DavServer, DEFAULT_USER_NAME, type MailDomain, type MailServer } from './mail-domain.ts';
import { fillPlaceholders, hasPlaceholder, isSinglePlaceholder, withSampleParts } from './placeholders.ts';

/** A row of the operator's database. */
export interface RowReference {
  readonly table: string;
  readonly id: number;
}

/** Why some clients will not get along with what is configured. Findings with equal words are the same mistake. */
export interface Finding {
  readonly clients: string;
  readonly reason: string;
  /** What to change, and where. */
  readonly remedy: string;
  /** The rows at fault; none where something is missing. */
  readonly rows: readonly RowReference[];
}

/** Something that a client cannot cope with. */
interface Rule {
  readonly clients: string;
  readonly reason: string;
  readonly remedy: string;
  /** The rows at fault; undefined: the domain keeps the rule. */
  readonly broken: (domain: MailDomain) => readonly RowReference[] | undefined;
}

const mailRow = ({ id }: MailServer): RowReference => ({ table: 'server', id });
const davRow = ({ id }: DavServer): RowReference => ({ table: 'davserver', id });
const ofType = ({ mailServers }: MailDomain, type: MailServer['type']): readonly MailServer[] =>
  mailServers.filter((server) => server.type === type);

/** A rule about what has to be there, broken as a whole. */
const wanted =
  (isBroken: (domain: MailDomain) => boolean): Rule['broken'] =>
  (domain) =>
    isBroken(domain) ? [] : undefined;

/** A rule that each row can break. */
const rowsAtFault = (rows: readonly RowReference[]): readonly RowReference[] | undefined =>
  rows.length === 0 ? undefined : rows;

const mailRows =
  (isBroken: (server: MailServer, domain: MailDomain) => boolean): Rule['broken'] =>
  (domain) =>
    rowsAtFault(domain.mailServers.filter((server) => isBroken(server, domain)).map(mailRow));

const davRows =
  (isBroken: (server: DavServer) => boolean): Rule['broken'] =>
  (domain) =>
    rowsAtFault(domain.davServers.filter(isBroken).map(davRow));

/** Broken where there is more than one of a type. */
const moreThanOne =
  (type: MailServer['type']): Rule['broken'] =>
  (domain) => {
    const servers = ofType(domain, type);
    return servers.length > 1 ? servers.map(mailRow) : undefined;
  };

/** What Thunderbird for Android can use to log in. */
const ANDROID_AUTHENTICATION: readonly Authentication[] = ['password-cleartext', 'password-encrypted', 'OAuth2'];

/** What a profile cannot say (Apple, com.apple.mail.managed, IncomingMailServerAuthentication). */
const NOT_IN_PROFILES: readonly Authentication[] = ['GSSAPI', 'TLS-client-cert', 'client-IP-address'];

/** Ports at which these take STARTTLS, in Autodiscover, whatever Encryption says; at all others they take direct TLS. */
const STARTTLS_PORTS = { thunderbird: [143, 110, 25, 587], fairEmail: [143, 587] } as const;

/** Whether a client that goes by the port takes another kind of TLS than is meant. */
function isGuessedWrong({ socketType, port }: MailServer, startTlsPorts: readonly number[]): boolean {
  if (socketType === 'plain') return false;
  const meant = socketType === 'auto' ? socketTypeByPort(port) : socketType;
  return meant !== (startTlsPorts.includes(port) ? 'STARTTLS' : 'SSL');
}

/** The login, where it is the same for everyone to write down: with a directory it is what that knows. */
const loginsAreKnown = ({ directory }: MailDomain): boolean =>
  directory !== undefined && directory.loginAttribute !== '';

/** A name of at least two labels, the last of which is no number, once the domain is filled in (RFC 1123 section 2.1). */
function isFullName(hostname: string, { name }: MailDomain): boolean {
  const labels = fillPlaceholders(hostname, { localPart: 'x', domain: name }).split('.');
  return labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** Autoconfig clients see the URL only, the others the columns beside it. */
function isAtOddsWithUrl({ url, port, useSsl }: DavServer): boolean {
  const { protocol, port: urlPort } = new URL(withSampleParts(url));
  const isSecure = protocol === 'https:';
  const effective = urlPort === '' ? (isSecure ? 443 : 80) : Number(urlPort);
  return isSecure !== useSsl || (port !== undefined && port !== effective);
}

/** Rows whose login differs from the one that comes last in an Autoconfig document. */
function otherLogins(domain: MailDomain): readonly RowReference[] | undefined {
  if (loginsAreKnown(domain)) return undefined;
  const all = [
    ...domain.mailServers.map((server) => ({ row: mailRow(server), userName: server.userName })),
    ...domain.davServers.map((server) => ({ row: davRow(server), userName: server.userName })),
  ];
  return rowsAtFault(all.filter(({ userName }) => userName !== all.at(-1)?.userName).map(({ row }) => row));
}

/** One rule for each thing that a client was seen to stumble over, in its source code or on the wire. */
const RULES: readonly Rule[] = [
  {
    clients: 'every client',
    reason: 'there is no mail server, and requests are answered with 404 (Autodiscover: Error 500)',
    remedy: 'link at least one row of type imap and one of type smtp to the domain in server_domain',
    broken: wanted(({ mailServers }) => mailServers.length === 0),
  },
  {
    // Thunderbird: readFromXML wants one incomingServer; profiles: EmailAccountType has no other value.
    clients: 'every client',
    reason: 'there is no incoming server: Thunderbird drops the whole answer, and no Apple profile can be made',
    remedy: 'link a server of type imap to the domain in server_domain',
    broken: wanted(({ mailServers }) => mailServers.length > 0 && mailServers.every(({ type }) => type === 'smtp')),
  },
  {
    clients: 'Thunderbird for Android, GNOME Online Accounts, FairEmail, Nextcloud Mail, SnappyMail, aerc',
    reason: 'they set up IMAP only, and there is none',
    remedy: 'link a server of type imap to the domain in server_domain',
    broken: wanted((domain) => ofType(domain, 'pop').length > 0 && ofType(domain, 'imap').length === 0),
  },
  {
    clients: 'Thunderbird, Thunderbird for Android, GNOME Online Accounts, FairEmail, SnappyMail, iPhone, iPad, Mac',
    reason: 'they drop the whole answer if there is no SMTP',
    remedy: 'link a server of type smtp to the domain in server_domain',
    broken: wanted((domain) => domain.mailServers.length > 0 && ofType(domain, 'smtp').length === 0),
  },
  {
    // FairEmail takes IMAP for found after the first incoming server; SnappyMail takes the first; Thunderbird does over
    // Autodiscover.
    clients: 'FairEmail, SnappyMail, Thunderbird over Autodiscover',
    reason: 'they take the first incoming server, and it is not IMAP',
    remedy: 'give these a higher prio than the server of type imap has',
    broken: (domain) => {
      const incoming = domain.mailServers.filter(({ type }) => type !== 'smtp');
      const firstImap = incoming.findIndex(({ type }) => type === 'imap');
      return firstImap < 1 ? undefined : incoming.slice(0, firstImap).map(mailRow);
    },
  },
  {
    clients: 'Evolution, KMail',
    reason: 'of several IMAP servers they take the last one, or mix them',
    remedy: 'leave one of them in server_domain',
    broken: moreThanOne('imap'),
  },
  {
    clients: 'Evolution, KMail',
    reason: 'of several POP3 servers they take the last one, or mix them',
    remedy: 'leave one of them in server_domain',
    broken: moreThanOne('pop'),
  },
  {
    clients: 'Evolution, KMail, aerc',
    reason: 'of several SMTP servers they take the last one, or mix them',
    remedy: 'leave one of them in server_domain',
    broken: moreThanOne('smtp'),
  },
  {
    clients: 'Thunderbird for Android',
    reason: 'it drops the whole answer if an IMAP or SMTP server has no TLS',
    remedy: 'set socket_type to SSL or STARTTLS',
    broken: mailRows(({ type, socketType }) => type !== 'pop' && socketType === 'plain'),
  },
  {
    clients: 'Thunderbird for Android',
    reason: 'it drops the whole answer if an IMAP or SMTP server has a way to log in that it does not know',
    remedy: 'set authentication to plain or password-encrypted',
    broken: mailRows(({ type, authentication }) => type !== 'pop' && !ANDROID_AUTHENTICATION.includes(authentication)),
  },
  {
    clients: 'iPhone, iPad, Mac',
    reason: 'a profile cannot name the way to log in, and without an incoming and an SMTP server none is made',
    remedy: 'set authentication to plain or password-encrypted',
    broken: ({ mailServers }) => {
      const isNamed = ({ authentication }: MailServer): boolean => !NOT_IN_PROFILES.includes(authentication);
      const lacking = [false, true].map((isSmtp) => mailServers.filter(({ type }) => (type === 'smtp') === isSmtp));
      return rowsAtFault(lacking.flatMap((servers) => (servers.some(isNamed) ? [] : servers.map(mailRow))));
    },
  },
  {
    clients: 'Thunderbird',
    reason: 'it takes OAuth2 only for providers that are built into it, and nothing else is offered',
    remedy: 'set authentication to plain, unless passwords are switched off',
    broken: mailRows(({ authentication }) => authentication === 'OAuth2'),
  },
  {
    clients: 'iPhone, iPad, Mac',
    reason: 'profiles know no OAuth2, so the device asks for a password',
    remedy: 'set authentication to plain, unless passwords are switched off',
    broken: mailRows(({ authentication }) => authentication === 'OAuth2'),
  },
  {
    // draft-ietf-mailmaint-autoconfig, "hostname": a fully qualified domain name.
    clients: 'every client',
    reason: 'a server is named by an address or a single label, where Autoconfig wants a full host name',
    remedy: 'set name to the host name in full, as the certificate has it',
    broken: mailRows(({ hostname }, domain) => !isFullName(hostname, domain)),
  },
  {
    clients: 'Geary',
    reason: 'it asks without an address and fills no placeholder in the name of a server',
    remedy: 'set name to the host name without placeholder',
    broken: mailRows(({ hostname }) => hasPlaceholder(hostname)),
  },
  {
    clients: 'GNOME Online Accounts',
    reason: 'it takes a server only if its login is one placeholder and nothing else',
    remedy: 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%',
    broken: mailRows((server, domain) => !loginsAreKnown(domain) && !isSinglePlaceholder(server.userName)),
  },
  {
    clients: 'GNOME Online Accounts',
    reason:
      'it takes a server only if its login is one placeholder and nothing else, and here a directory says the login',
    remedy: 'let the servers accept the whole address, and clear ldapserver_id of the domain',
    broken: (domain) =>
      loginsAreKnown(domain) ? [{ table: 'ldapserver', id: domain.directory?.id ?? Number.NaN }] : undefined,
  },
  {
    clients: 'aerc',
    reason: 'it fills no other placeholder than %EMAILADDRESS% in a login',
    remedy: 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%',
    broken: mailRows(
      ({ userName }, domain) =>
        !loginsAreKnown(domain) && userName !== DEFAULT_USER_NAME && isSinglePlaceholder(userName),
    ),
  },
  {
    clients: 'Evolution, FairEmail',
    reason: 'they do not fill %EMAILDOMAIN% in a login',
    remedy: 'let the servers accept the whole address, and set user_name to %EMAILADDRESS%',
    broken: mailRows(({ userName }, domain) => !loginsAreKnown(domain) && userName === '%EMAILDOMAIN%'),
  },
  {
    clients: 'FairEmail',
    reason: 'it takes the last login of an answer, calendars and contacts included, for all servers',
    remedy: 'set user_name to the same in all rows',
    broken: otherLogins,
  },
  {
    // It asks with GET, which has no address: see the handler of Autodiscover.
    clients: 'Delta Chat over Autodiscover',
    reason: 'it asks without an address, and gets 404 because the login is not the address',
    remedy: 'see that Autoconfig is reachable, which it asks first; or set user_name to %EMAILADDRESS%',
    broken: mailRows(({ userName }, domain) => domain.directory === undefined && userName !== DEFAULT_USER_NAME),
  },
  {
    clients: 'Thunderbird over Autodiscover',
    reason: 'it takes STARTTLS at ports 143, 110, 25 and 587, and TLS from the start at all others',
    remedy: 'use 993, 995 or 465 with socket_type SSL, or 143, 110 or 587 with STARTTLS (columns port and socket_type)',
    broken: mailRows((server) => isGuessedWrong(server, STARTTLS_PORTS.thunderbird)),
  },
  {
    clients: 'FairEmail over Autodiscover',
    reason: 'it takes STARTTLS at ports 143 and 587, and TLS from the start at all others',
    remedy: 'use 993 or 465 with socket_type SSL, or 143 or 587 with STARTTLS (columns port and socket_type)',
    broken: mailRows((server) => server.type !== 'pop' && isGuessedWrong(server, STARTTLS_PORTS.fairEmail)),
  },
  {
    // draft-ietf-mailmaint-autoconfig, "url": https.
    clients: 'every client with calendars or contacts',
    reason: 'the URL is http, which Autoconfig does not allow, and the password crosses the network in clear text',
    remedy: 'set url to the one with https, and use_ssl to true',
    broken: davRows(({ url }) => !/^https:/i.test(url)),
  },
  {
    clients: 'clients with calendars or contacts',
    reason: 'those of Autoconfig see the URL only, the others port and use_ssl beside it, and these say something else',
    remedy: 'set port to 0, and use_ssl to true for https and false for http',
    broken: davRows(isAtOddsWithUrl),
  },
];

/** What known clients will stumble over in the settings of a domain. */
export function clientFindings(domain: MailDomain): readonly Finding[] {
  return RULES.flatMap(({ broken, ...words }) => {
    const rows = broken(domain);
    return rows === undefined ? [] : [{ ...words, rows }];
  });
}
