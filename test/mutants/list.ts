import { AUTOCONFIG_MUTANTS } from './autoconfig-list.ts';
import { CHECK_MUTANTS } from './check-list.ts';
import { EXTRAS_MUTANTS } from './extras-list.ts';
import { METRICS_MUTANTS } from './metrics-list.ts';
import { PAGE_MUTANTS } from './page-list.ts';

/** A change of the source that breaks a rule, and the test that has to notice. */
export interface Mutant {
  /** What is wrong with the changed program. */
  readonly name: string;
  readonly file: string;
  /** Text that occurs exactly once in the file, and what takes its place. */
  readonly from: string;
  readonly to: string;
  /** The test file that fails with the change. */
  readonly test: string;
  /** Only tests whose names match, in a file that takes long. */
  readonly only?: string;
  /** A program that the tests need; without it the mutant is skipped. */
  readonly program?: string;
}

const connections = {
  file: 'src/adapters/http/server/connections.ts',
  test: 'test/adapters/http/server/connections.test.ts',
};
const origin = { file: 'src/adapters/http/origin.ts', test: 'test/adapters/http/origin.test.ts' };
const served = { file: 'src/domain/served-domain.ts', test: 'test/domain/served-domain.test.ts' };
const pacc = { file: 'src/domain/formats/pacc.ts', test: 'test/domain/formats/pacc.test.ts' };
const paccServers = { ...pacc, file: 'src/domain/formats/pacc-servers.ts' };
const xml = { file: 'src/domain/formats/xml.ts', test: 'test/domain/formats/xml.test.ts' };
const imported = { file: 'src/domain/documents/imported.ts', test: 'test/domain/documents/imported.test.ts' };
const ldap = {
  file: 'src/adapters/ldap/ldap-directory.ts',
  test: 'test/adapters/ldap/ldap-directory.test.ts',
  program: 'slapd',
};
const material = {
  file: 'src/adapters/signing/material.ts',
  test: 'test/adapters/signing/signed-data.test.ts',
  program: 'openssl',
};
const profileSigning = { file: 'src/app/profile-signing.ts', test: 'test/app/profile-signing.test.ts' };
const dnsRecord = { file: 'src/domain/dns/dns-record.ts', test: 'test/domain/dns/dns-record.test.ts' };
const dnsServices = { file: 'src/domain/dns/services.ts', test: 'test/domain/dns/services.test.ts' };
const dnsRecords = { file: 'src/domain/dns/published-records.ts', test: 'test/domain/dns/published-records.test.ts' };

export const MUTANTS: readonly Mutant[] = [
  { ...material, name: 'the root goes along with a profile', from: '!isSelfSigned(each) && ', to: '' },
  {
    ...material,
    name: 'any certificate fits the key',
    from: 'each.checkPrivateKey(key)',
    to: 'true',
    test: 'test/adapters/signing/material.test.ts',
  },
  {
    ...profileSigning,
    name: 'signatures take all threads',
    from: 'createGate(MAX_SIGNATURES_AT_ONCE)',
    to: 'createGate(4)',
  },
  {
    ...profileSigning,
    name: 'a certificate that is out of date signs',
    from: 'if (now < validFrom || now > validTo)',
    to: 'if (now < validFrom)',
  },
  {
    file: 'src/adapters/http/listener.ts',
    test: 'test/app/signed-profiles.test.ts',
    name: 'HEAD names the length of another signature',
    from: 'if (!headOnly || !lengthVaries) ',
    to: '',
    program: 'openssl',
  },
  {
    ...connections,
    name: 'a connection that is being answered may be closed for a new one',
    from: 'if (connection.working === 0) connection.moveBefore(this.#ring);\n    request',
    to: 'connection.moveBefore(this.#ring);\n    request',
    only: 'clients we wait for',
  },
  {
    ...connections,
    name: 'a closed connection returns to the ring and is never released',
    from: ' && this.#open.has(connection.socket)',
    to: '',
  },
  {
    ...connections,
    name: 'an error response is written before answers that are still to come',
    from: 'return inFlight <= (isWithin ? 1 : 0) && ',
    to: 'return ',
  },
  {
    ...connections,
    name: 'requests in flight do not learn of a stop',
    from: 'latest?.headersSent === false',
    to: 'latest?.headersSent === undefined',
    only: 'the server stops',
  },
  {
    file: 'src/adapters/http/server/create-server.ts',
    test: 'test/adapters/http/edge.test.ts',
    name: 'an error response without nosniff',
    from: 'X-Content-Type-Options: nosniff',
    to: 'X-Content-Type-Options: sniff',
    only: 'nosniff',
  },
  {
    file: 'src/adapters/http/server/listen.ts',
    test: 'test/adapters/http/server/listen.test.ts',
    name: 'a Unix socket is open to more than its mode',
    from: 'process.umask(0o777 & ~mode)',
    to: 'process.umask(0)',
  },
  { ...origin, name: 'HTTP/1.0 counts as local', from: "request.httpVersion === '1.1'", to: 'true' },
  { ...origin, name: 'a page of the operator counts as local', from: '!fromPage() &&', to: '' },
  { ...origin, name: 'any Host counts as local', from: "isLoopbackHost(hostName(headers.host ?? '')) &&", to: '' },
  { ...origin, name: 'any peer counts as local', from: '(viaUnixSocket || isLoopbackAddress(peer)) &&', to: '' },
  { ...origin, name: 'a proxy counts as local', from: '!passedProxy() &&', to: '' },
  { ...origin, name: 'Via is not a sign of a proxy', from: 'forwarded|via|', to: 'forwarded|' },
  {
    file: 'src/domain/loopback.ts',
    test: 'test/domain/loopback.test.ts',
    name: 'a name that begins with 127. counts as local',
    from: '{1,3}){3}$/',
    to: '{1,3}){3}/',
  },
  {
    ...origin,
    name: 'the client chooses its address',
    from: 'entries[entries.length - proxyCount]',
    to: 'entries[0]',
  },
  {
    file: 'src/adapters/http/operator/permission.ts',
    test: 'test/adapters/http/initdb.test.ts',
    name: 'strangers may use /initdb/',
    from: '!origin.isLoopback()',
    to: 'false',
    only: ': refused$',
  },
  {
    file: 'src/adapters/http/operator/initdb.ts',
    test: 'test/adapters/http/initdb.test.ts',
    name: 'initdb = seed permits deleting all data',
    from: "request.method === 'DELETE' && mode !== 'purge'",
    to: "request.method === ''",
    only: 'names the option',
  },
  {
    file: 'src/adapters/http/operator/served.ts',
    test: 'test/adapters/http/served.test.ts',
    name: 'strangers may ask which domains are served',
    from: "mode === 'loopback') ",
    to: "mode !== 'loopback') ",
  },
  {
    file: 'src/adapters/http/listener.ts',
    test: 'test/adapters/http/formats.test.ts',
    name: 'answers without nosniff',
    from: "'X-Content-Type-Options': 'nosniff', ",
    to: '',
  },
  {
    file: 'src/adapters/http/request.ts',
    test: 'test/adapters/http/server/limits.test.ts',
    name: 'a body that is too long is accepted',
    from: 'octets > maxOctets ? undefined : ',
    to: '',
    only: 'maxSeedOctets',
  },
  {
    file: 'src/adapters/http/request-target.ts',
    test: 'test/adapters/http/request-target.test.ts',
    name: 'an invalid percent escape is an error',
    from: ' || /%(?![0-9a-f]{2})/i.test(part)',
    to: '',
  },
  {
    file: 'src/adapters/http/reply.ts',
    test: 'test/adapters/http/shared-answers.test.ts',
    name: 'caches give the answer for one X-Forwarded-Host to everybody',
    from: '...VARIES_BY_HOST,',
    to: '',
  },
  {
    file: 'src/adapters/http/reply.ts',
    test: 'test/adapters/http/pacc.test.ts',
    name: 'clients in a browser cannot read what is the same for everyone',
    from: "'Access-Control-Allow-Origin': '*',",
    to: '',
  },
  {
    file: 'src/adapters/http/listener.ts',
    test: 'test/adapters/http/pacc.test.ts',
    name: 'web pages may read every answer',
    from: 'const all: OutgoingHttpHeaders = { ',
    to: "const all: OutgoingHttpHeaders = { 'Access-Control-Allow-Origin': '*', ",
  },
  {
    ...paccServers,
    name: 'STARTTLS passes for TLS from the start',
    from: " || effectiveSocketType(server) !== 'SSL'",
    to: '',
  },
  { ...paccServers, name: 'any port passes', from: 'server.port !== DIRECT_TLS_PORTS[server.type] || ', to: '' },
  {
    ...paccServers,
    name: 'the login of a directory is the address',
    from: 'usesDirectoryLogins(settings),\n    rows',
    to: 'false,\n    rows',
  },
  { ...paccServers, name: 'any login is the address', from: ' && userName !== DEFAULT_USER_NAME', to: ' && false' },
  { ...paccServers, name: 'OAuth2 takes passwords', from: '!takesPassword(server) && ', to: 'false && ' },
  { ...paccServers, name: 'a document without SMTP', from: "[incoming, 'smtp'].map", to: '[incoming].map' },
  {
    ...paccServers,
    name: 'a document without IMAP, where there is one',
    from: "=== 'imap') ? 'imap' : 'pop'",
    to: "=== 'pop') ? 'pop' : 'imap'",
  },
  {
    ...pacc,
    name: 'members in another order',
    from: "      pop3: mail('pop'),\n",
    to: "      smtp: mail('smtp'),\n      pop3: mail('pop'),\n",
  },
  {
    ...paccServers,
    name: 'IMAP without a way to send is named beside JMAP',
    from: 'isWhole ? nameable : []',
    to: 'nameable',
  },
  {
    ...paccServers,
    name: 'OAuth2 is a way to log in without an issuer',
    from: 'extras.oauth2 !== undefined && waysToLogIn',
    to: 'extras !== undefined && waysToLogIn',
  },
  { ...pacc, name: 'names are counted in UTF-16', from: '[...shortName].length', to: 'shortName.length' },
  { ...pacc, name: 'control characters in a name', from: '[\\p{Cc}\\s]+', to: '[ ]+' },
  { ...paccServers, name: 'a DAV URL with a query', from: ' && !/[?#]/.test(text)', to: '' },
  { ...paccServers, name: 'a DAV URL with a port', from: " && port === ''", to: '' },
  { ...paccServers, name: 'a DAV URL without a path', from: ' && /[^/]/.test(url.pathname)', to: '' },
  { ...paccServers, name: 'a DAV URL over http', from: "protocol === 'https:' && ", to: '' },
  { ...paccServers, name: 'a DAV URL against its row', from: ' || isAtOddsWithUrl(server)', to: '' },
  {
    file: 'src/domain/host-name.ts',
    test: 'test/domain/formats/pacc.test.ts',
    name: 'one host name for all users, with the first one in it',
    from: 'if (hasUserPlaceholder(pattern)) return undefined;',
    to: '',
  },
  {
    file: 'src/adapters/http/listener.ts',
    test: 'test/adapters/http/shared-answers.test.ts',
    name: 'only Autoconfig says that its answer depends on the host',
    from: 'request.hasAskedOrigin ? ',
    to: 'false ? ',
  },
  {
    file: 'src/adapters/http/formats/well-known.ts',
    test: 'test/adapters/http/well-known.test.ts',
    name: 'a client is redirected in a circle',
    from: 'url !== undefined && !leadsBack(url, host)',
    to: 'url !== undefined',
  },
  {
    file: 'src/adapters/xml/read-xml.ts',
    test: 'test/adapters/xml/read-autodiscover-request.test.ts',
    name: 'a document type definition is read',
    from: '(?!--|\\[CDATA\\[)',
    to: '(?!--|\\[CDATA\\[|DOCTYPE)',
  },
  {
    ...imported,
    name: "domains of one imported file get the other one's servers",
    from: 'server.domains.size === domains.length',
    to: 'server.domains.size > 0',
  },
  {
    ...imported,
    name: 'a domain may be in two imported files',
    from: 'other !== undefined) throw',
    to: 'false) throw',
  },
  {
    ...imported,
    name: "a domain gets another imported file's directory",
    from: 'while (isTaken() ||',
    to: 'while (',
  },
  {
    file: 'src/domain/documents/autoconfig-servers.ts',
    test: 'test/domain/documents/import-autoconfig.test.ts',
    name: 'an imported server without TLS words is guessed',
    from: "const socketWord = required(section, 'socketType');",
    to: "const socketWord = textsOf(section, 'socketType')[0] ?? '';",
  },
  { ...xml, name: 'text can hold markup', from: 'xmlText(text).replace(IN_TEXT, reference)', to: 'xmlText(text)' },
  {
    ...xml,
    name: 'an attribute can hold markup',
    from: 'xmlText(text).replace(IN_ATTRIBUTE, reference)',
    to: 'xmlText(text)',
  },
  { ...xml, name: 'text can change its direction', from: '|\\p{Format}/gu', to: '/gu' },
  {
    file: 'src/domain/placeholders.ts',
    test: 'test/domain/placeholders.test.ts',
    name: 'what the client sent is expanded',
    from: 'return value.replace(PLACEHOLDER, (',
    to: 'return value.replaceAll("%EMAILLOCALPART%", () => address.localPart).replace(PLACEHOLDER, (',
  },
  {
    ...served,
    name: 'a template is used where the local part decides whether a URL is valid',
    from: 'AUTHORITY.exec(url)?.[0] ?? url',
    to: "''",
  },
  {
    ...served,
    name: 'a template is used where the local part is in a host name',
    from: '!mailServers.some(({ hostname }) => hasUserPlaceholder(hostname)) &&',
    to: '',
  },
  { ...served, name: 'a template hides what a directory says', from: 'directory === undefined &&\n', to: '' },
  {
    ...served,
    name: 'GET on Autodiscover answers for a domain with a directory',
    from: 'directory === undefined ? []',
    to: 'directory !== undefined ? []',
  },
  {
    file: 'src/domain/formats/compiled.ts',
    test: 'test/domain/served-domain.test.ts',
    name: 'a local part in a template is not escaped',
    from: '  escapeText(address.localPart),',
    to: '  address.localPart,',
  },
  {
    file: 'src/domain/formats/compiled.ts',
    test: 'test/domain/served-domain.test.ts',
    name: 'a template that writes something else is used',
    from: 'fill(other) === format.write(other) ? fill : undefined',
    to: 'fill(other) === other.address.localPart ? undefined : fill',
  },
  {
    file: 'src/app/outage.ts',
    test: 'test/app/outage.test.ts',
    name: 'the failure of an old question begins an outage',
    from: 'if (number < this.#answered) throw error;',
    to: '',
  },
  {
    file: 'src/domain/domain-name.ts',
    test: 'test/domain/domain-name.test.ts',
    name: 'a name whose last label is a number becomes an IPv4 address',
    from: ".x`).slice(0, -'.x'.length)",
    to: '`)',
  },
  {
    file: 'src/domain/domain-name.ts',
    test: 'test/domain/domain-name.test.ts',
    name: 'a domain name of any length',
    from: 'name.length > MAX_NAME_OCTETS ||',
    to: '',
  },
  {
    file: 'src/domain/email-address.ts',
    test: 'test/domain/email-address.test.ts',
    name: 'a local part of any length',
    from: 'octets(localPart) > MAX_LOCAL_PART_OCTETS ||',
    to: '',
  },
  {
    file: 'src/domain/search-filter.ts',
    test: 'test/domain/search-filter.test.ts',
    name: 'a client writes parts of the LDAP filter',
    from: "text.replace(ANY_GAP, (gap) => values[GAPS.indexOf(gap)] ?? '')",
    to: 'GAPS.reduce((filled, gap, index) => filled.replaceAll(gap, values[index] ?? ""), text)',
  },
  {
    file: 'src/domain/search-filter.ts',
    test: 'test/domain/search-filter.test.ts',
    name: 'an LDAP filter finds the same entry for everybody',
    from: 'if (text === undefined || !USER_GAP.test(text)) return undefined;',
    to: 'if (text === undefined || !hasGap(text)) return undefined;',
  },
  {
    file: 'src/domain/dav-url.ts',
    test: 'test/domain/dav-url.test.ts',
    name: 'a placeholder joins the label before it',
    from: ".replace(STOPS, '.')",
    to: '',
  },
  {
    ...ldap,
    file: 'src/adapters/ldap/connection.ts',
    name: 'a bind without a password is anonymous',
    from: "if (bindUser !== '' && password === '')",
    to: "if (bindUser === 'x' && password === '')",
    only: 'a name without password',
  },
  {
    ...ldap,
    file: 'src/adapters/ldap/connection.ts',
    name: 'a refusal of StartTLS leads to clear text',
    from: 'if (this.#options.verify)\n',
    to: 'if (this.#options.verify && id < 0)\n',
    only: 'a refusal of StartTLS',
  },
  {
    file: 'src/adapters/log/line-log.ts',
    test: 'test/adapters/log/line-log.test.ts',
    name: 'a message can begin a new line of the log',
    from: 'return escapeUnprintable(message) +',
    to: 'return message +',
  },
  {
    file: 'src/adapters/log/line-log.ts',
    test: 'test/adapters/log/line-log.test.ts',
    name: 'a value can be taken for further fields',
    from: '/[\\s"=\\\\]/.test(text)',
    to: '/["=\\\\]/.test(text)',
  },
  {
    file: 'src/adapters/database/database-url.ts',
    test: 'test/adapters/database/database-url.test.ts',
    name: 'an error shows a part of the password',
    from: "text?.includes('@') === false",
    to: 'true',
  },
  {
    file: 'src/adapters/database/sqlite/connection.ts',
    test: 'test/contract/sqlite.test.ts',
    name: 'other users can read a new database',
    from: 'process.umask(0o077)',
    to: 'process.umask(0o022)',
    only: 'for its owner alone',
  },
  {
    file: 'src/app/commands/serve.ts',
    test: 'test/app/broken-log.test.ts',
    name: 'the daemon ends with the reader of its log',
    from: "surroundings.stderr.on('error', () => undefined);",
    to: '',
  },
  { ...dnsRecord, name: 'a name is taken for one below $ORIGIN', from: '}.`', to: '}`' },
  { ...dnsRecord, name: 'a quote ends the text of TXT', from: 'octet === 0x22 || ', to: '' },
  { ...dnsRecord, name: 'a backslash escapes what follows in TXT', from: ' || octet === 0x5c', to: '' },
  {
    ...dnsRecord,
    name: 'TXT holds octets that are not ASCII',
    from: 'octet >= 0x20 && octet <= 0x7e',
    to: 'octet >= 0x20',
  },
  { ...dnsRecord, name: 'a string of TXT is longer than 255 octets', from: 'OCTETS = 255', to: 'OCTETS = 256' },
  {
    ...dnsServices,
    name: 'clients are led to port 25',
    from: "row.type === 'smtp' && row.port === RELAY_PORT",
    to: 'row.port < 0',
  },
  { ...dnsServices, name: 'SRV leads to clear text', from: "if (socketType === 'plain') {", to: 'if (row.port < 0) {' },
  {
    ...dnsServices,
    name: 'a path for one user is published for all',
    from: 'davContextUrl(row.url, name)',
    to: 'row.url',
  },
  { ...dnsServices, name: 'POP3 is as good as IMAP', from: 'rank * PRIORITY_STEP', to: '0' },
  {
    ...dnsRecords,
    test: 'test/domain/dns/services.test.ts',
    name: 'a service that other formats name is not offered',
    from: '...mail, ...dav, ...omitted]',
    to: '...mail, ...dav]',
  },
  { ...dnsRecords, name: 'a host is an alias of itself', from: 'new Set([service, ', to: 'new Set([' },
  { ...dnsRecords, name: 'mail goes to the web server', from: '...mailHosts, ', to: '' },
  {
    file: 'src/app/commands/dns.ts',
    test: 'test/app/commands/dns.test.ts',
    name: 'a domain that is not served does not count',
    from: 'isComplete = false;',
    to: '',
  },
  ...AUTOCONFIG_MUTANTS,
  ...EXTRAS_MUTANTS,
  ...CHECK_MUTANTS,
  ...METRICS_MUTANTS,
  ...PAGE_MUTANTS,
];
